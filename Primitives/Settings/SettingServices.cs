using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Streaming;

/// <summary>Classes whose properties are the settings of a section; an empty section is the configuration as a whole.</summary>
public static class SettingServices
{
    private static readonly char[] Separators = [',', ';', ' '];

    /// <summary>Binds the class to its section, and has it validated at the start.</summary>
    public static OptionsBuilder<T> AddSettings<T>(this IServiceCollection services, string section)
        where T : class =>
        services.AddOptions<T>()
            .BindConfiguration(section)
            .PostConfigure<IConfiguration>((values, configuration) => configuration.ReadLists(section, values))
            .ValidateDataAnnotations()
            .ValidateOnStart();

    /// <summary>The same values, for what is composed by them.</summary>
    public static T Read<T>(this IConfiguration configuration, string section)
        where T : class, new()
    {
        var values = (section.Length == 0 ? configuration : configuration.GetSection(section)).Get<T>() ?? new T();
        configuration.ReadLists(section, values);
        return values;
    }

    public static string Key(string section, string name) => section.Length == 0 ? name : ConfigurationPath.Combine(section, name);

    /// <summary>A list is an array, which alone the framework reads, or one text with commas, which is easier to set in an environment variable.</summary>
    private static void ReadLists(this IConfiguration configuration, string section, object values)
    {
        foreach (var property in values.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.PropertyType == typeof(IReadOnlyList<string>)))
        {
            var list = configuration.GetSection(Key(section, property.Name));
            string[] entries =
            [
                .. (list.Value ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                .. list.GetChildren().Select(entry => entry.Value ?? ""),
            ];
            property.SetValue(values, entries);
        }
    }
}
