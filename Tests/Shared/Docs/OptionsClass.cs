using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Streaming.Content;
using Streaming.Ledger;
using Streaming.Media;
using Streaming.Silo;
using Streaming.Storage;
using Streaming.Users;
using Streaming.WebFront;

namespace Streaming.Tests.Docs;

/// <summary>A class whose properties are the settings of a section.</summary>
internal sealed record OptionsClass(string Section, Type Type)
{
    /// <summary>Those of all programs.</summary>
    public static IReadOnlyList<OptionsClass> All { get; } =
    [
        .. Types.Where(type => SectionOf(type) is not null).Select(type => new OptionsClass(SectionOf(type)!, type))
            .OrderBy(options => options.Section, StringComparer.Ordinal).ThenBy(options => options.Type.Name, StringComparer.Ordinal),
    ];

    /// <summary>Classes of the product, whether they name their section or not.</summary>
    public static IEnumerable<Type> Types =>
        new[] { typeof(AccountOptions), typeof(ContentOptions), typeof(LedgerOptions), typeof(MediaOptions), typeof(StorageOptions), typeof(ClusterOptions), typeof(CompatibilityOptions) }
            .SelectMany(type => type.Assembly.GetTypes()).Where(type => type.IsClass && !type.IsAbstract);

    public object Defaults => Activator.CreateInstance(Type)!;

    public IEnumerable<Setting> Settings => SettingsOf(Section, Defaults, null);

    private static IEnumerable<Setting> SettingsOf(string section, object values, PropertyInfo? group) =>
        values.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).SelectMany(property =>
            IsGroup(property.PropertyType)
                ? SettingsOf(SettingServices.Key(section, property.Name), property.GetValue(values)!, property)
                : [new Setting(SettingServices.Key(section, property.Name), property, property.GetValue(values), group)]);

    private static bool IsGroup(Type type) => type.IsClass && type != typeof(string) && type != typeof(Uri);

    private static string? SectionOf(Type type) =>
        type.GetField("Section", BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true } field ? (string?)field.GetRawConstantValue() : null;
}

/// <param name="Group">The property that holds this one's class; null where that is the section's.</param>
internal sealed record Setting(string Key, PropertyInfo Property, object? Default, PropertyInfo? Group)
{
    public Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>As it is typed.</summary>
    public string DefaultText => Default switch
    {
        null or IReadOnlyList<string> => "none",
        bool flag => flag ? "`true`" : "`false`",
        Uri address => $"`{address.OriginalString}`",
        IFormattable value => $"`{value.ToString(null, CultureInfo.InvariantCulture)}`",
        var value => $"`{value}`",
    };

    /// <summary>What its annotations and its type let through.</summary>
    public string Allowed =>
        Type == typeof(bool) ? "`true`, `false`"
        : Type.IsEnum ? string.Join(", ", Enum.GetNames(Type).Select(name => $"`{name}`"))
        : Property.GetCustomAttribute<RangeAttribute>() is { } range ? string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}")
        : Property.GetCustomAttribute<StringLengthAttribute>() is { } length ? string.Create(CultureInfo.InvariantCulture, $"up to {length.MaximumLength} characters")
        : Type == typeof(Uri) ? "an address"
        : Type == typeof(IReadOnlyList<string>) ? "an array, or one text with commas"
        : "a text";
}
