using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Streaming.Silo;

/// <summary>Compares a section of the configuration with the properties and annotations of its options class, as the binder reads it.</summary>
internal sealed class SectionCheck(IConfiguration configuration)
{
    private const int ShownLength = 40;

    /// <summary>A line for each value that is wrong, by its key.</summary>
    public IReadOnlyDictionary<string, string> Check(string section, object defaults)
    {
        var errors = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        // A variable of the environment with so short a name may be anybody's.
        if (section.Length > 0 && FindProvider(section) is not EnvironmentVariablesConfigurationProvider)
            CheckIsGroup(section, errors);

        Check(section, defaults, errors);
        return errors;
    }

    private void Check(string section, object defaults, Dictionary<string, string> errors)
    {
        foreach (var property in defaults.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var key = SettingServices.Key(section, property.Name);
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (typeof(IEnumerable).IsAssignableFrom(type) && type != typeof(string))
            {
                foreach (var entry in configuration.GetSection(key).GetChildren())
                    CheckHasNothingBelow(entry.Path, "an entry of a list", null, errors);
            }
            else if (IsGroup(type))
            {
                var values = property.GetValue(defaults) ?? Activator.CreateInstance(type)!;
                CheckIsGroup(key, errors);
                Check(key, values, errors);
            }
            else
            {
                CheckHasNothingBelow(key, Allowed(type, property), property.GetValue(defaults), errors);
                if (configuration[key] is { } text)
                    Check(key, text, type, property, property.GetValue(defaults), errors);
            }
        }
    }

    /// <summary>A key below one that has a value of its own, which the binder refuses or does not see.</summary>
    private void CheckHasNothingBelow(string key, string allowed, object? standard, Dictionary<string, string> errors)
    {
        foreach (var (below, _) in configuration.GetSection(key).AsEnumerable().Where(setting => setting.Value is not null && setting.Key.Length > key.Length))
            errors[below] = $"{below} is set, and {key} has nothing below it and must be {allowed}. Remove it{Place(below)}{(standard is null or "" ? "" : string.Create(CultureInfo.InvariantCulture, $" ({key} is {standard} when it is left out)"))}.";
    }

    private void CheckIsGroup(string key, Dictionary<string, string> errors)
    {
        if (configuration[key] is { Length: > 0 })
            errors[key] = $"{key} has a value, and is a group of settings. Remove it{Place(key)}, or name the one that it is for, as {key}:Name.";
    }

    private void Check(string key, string text, Type type, PropertyInfo property, object? standard, Dictionary<string, string> errors)
    {
        var isOptional = property.PropertyType != type || (type.IsClass && property.GetCustomAttribute<RequiredAttribute>() is null);
        if (text.Length == 0 && isOptional)
            return;

        var value = Read(text, type);
        // Only what is no text may be shown: texts can be secrets.
        var shown = type == typeof(string) || type == typeof(Uri) ? text.Length == 0 ? "is empty" : "cannot be used"
            : text.Length == 0 ? "is empty" : $"is '{Shorten(text)}'";
        if (value is null || property.GetCustomAttributes<ValidationAttribute>().Any(rule => !IsValid(rule, value)))
            errors.Add(key, $"{key} {shown} and must be {Allowed(type, property)}. {WhatToDo(key, standard)}");
    }

    /// <summary>As the binder does; null when it cannot, or takes what nobody means.</summary>
    private static object? Read(string text, Type type)
    {
        if (type == typeof(string))
            return text;

        try
        {
            var value = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text);
            return type.IsEnum && (text.Contains(',', StringComparison.Ordinal) || !Enum.IsDefined(type, value!)) ? null : value;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or NotSupportedException or InvalidCastException)
        {
            return null;
        }
    }

    private static bool IsValid(ValidationAttribute rule, object value)
    {
        try
        {
            return rule.IsValid(value);
        }
        catch (OverflowException)
        {
            // A range of whole numbers converts what it is given.
            return false;
        }
    }

    private static string Allowed(Type type, PropertyInfo property)
    {
        var noun = type == typeof(bool) ? "true or false"
            : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
            : type == typeof(double) || type == typeof(float) || type == typeof(decimal) ? "a number"
            : type.IsPrimitive ? "a whole number"
            : type == typeof(TimeSpan) ? "a time such as 00:00:10"
            : type == typeof(Uri) ? "an address such as https://example.com"
            : "a text";
        var length = property.GetCustomAttribute<StringLengthAttribute>();
        return noun
            + (property.GetCustomAttribute<RangeAttribute>() is { } range ? string.Create(CultureInfo.InvariantCulture, $" between {range.Minimum} and {range.Maximum}") : "")
            + (length is null ? type == typeof(string) ? " that is not empty" : "" : string.Create(CultureInfo.InvariantCulture, $" of {Math.Max(1, length.MinimumLength)} to {length.MaximumLength} characters"));
    }

    private string WhatToDo(string key, object? standard)
    {
        var otherwise = standard is null or "" ? "leave it out" : string.Create(CultureInfo.InvariantCulture, $"leave it out for {standard}");
        return $"Correct it{Place(key)}, or {otherwise}.";
    }

    /// <summary>Where the value comes from: what is configured last holds.</summary>
    private string Place(string key) => FindProvider(key) switch
    {
        EnvironmentVariablesConfigurationProvider => $" in the environment variable {key.Replace(":", "__", StringComparison.Ordinal)}",
        CommandLineConfigurationProvider => $" on the command line (--{key})",
        JsonConfigurationProvider file => $" in {file.Source.Path}",
        _ => "",
    };

    private IConfigurationProvider? FindProvider(string key) =>
        (configuration as IConfigurationRoot)?.Providers.LastOrDefault(provider => provider.TryGet(key, out _));

    private static bool IsGroup(Type type) => type.IsClass && type != typeof(string) && type != typeof(Uri);

    private static string Shorten(string text)
    {
        var shown = string.Concat(text.Take(ShownLength).Select(letter => char.IsControl(letter) ? ' ' : letter));
        return text.Length > ShownLength ? shown + "…" : shown;
    }
}
