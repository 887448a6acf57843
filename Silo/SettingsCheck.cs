using Microsoft.Extensions.Options;

namespace Streaming.Silo;

/// <summary>
/// Looks at all settings before anything is composed from them, so that a start tells everything that is wrong at once: a
/// line each, with the key, what it may be and where it was set.
/// </summary>
public sealed class SettingsCheck(IConfiguration configuration)
{
    private readonly List<string> errors = [];
    private readonly List<Type> sections = [];

    /// <summary>What has been looked at.</summary>
    public IReadOnlyCollection<Type> Sections => sections;

    /// <summary>The section's values, with the default in place of each that is wrong.</summary>
    /// <param name="further">What annotations do not say.</param>
    public T Section<T>(string section, Func<T, ValidateOptionsResult>? further = null)
        where T : class, new()
    {
        sections.Add(typeof(T));
        var found = new SectionCheck(configuration).Check(section, new T());
        errors.AddRange(found.Values);
        var readable = new ConfigurationBuilder()
            .AddInMemoryCollection((section.Length == 0 ? configuration : configuration.GetSection(section)).AsEnumerable().Where(setting => setting.Value is not null && !found.ContainsKey(setting.Key)))
            .Build();
        var values = readable.Read<T>(section);
        if (further?.Invoke(values) is { Failed: true, Failures: { } failures })
            errors.AddRange(failures);

        return values;
    }

    /// <summary>Levels of logging, of all providers, which the framework reads late and throws at.</summary>
    public void LogLevels()
    {
        var levels = configuration.GetSection("Logging").AsEnumerable()
            .Where(setting => setting.Value is { Length: > 0 } && setting.Key.Contains(":LogLevel:", StringComparison.OrdinalIgnoreCase));
        foreach (var (key, value) in levels)
        {
            if (!Enum.TryParse<LogLevel>(value, ignoreCase: true, out var level) || !Enum.IsDefined(level))
                errors.Add($"{key} is none of {string.Join(", ", Enum.GetNames<LogLevel>())}. Correct it, or leave it out.");
        }
    }

    /// <summary>Whether it is configured at all.</summary>
    public bool IsSet(string key) => configuration[key] is not null;

    /// <summary>What composing will ask for; what it throws is told with the rest.</summary>
    public void Rule(Action rule)
    {
        try
        {
            rule();
        }
        catch (StartupException e)
        {
            errors.Add(e.Message);
        }
        catch (OptionsValidationException e)
        {
            errors.AddRange(e.Failures);
        }
        catch (InvalidOperationException e) when (StreamingProgram.IsUnreadable(e))
        {
            // Its section has told of it.
        }
    }

    /// <exception cref="StartupException">Something is wrong; a line each.</exception>
    public void Throw()
    {
        if (errors.Count > 0)
            throw new StartupException(string.Join(Environment.NewLine, errors.Distinct()));
    }
}
