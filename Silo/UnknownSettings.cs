using System.Reflection;

namespace Streaming.Silo;

/// <summary>Keys in the sections of this product that nothing reads: mostly a name that was mistyped.</summary>
internal static class UnknownSettings
{
    private const string SectionField = "Section";

    // A silo is often given the environment of its fronts, whose classes it does not have.
    private static readonly string[] SharedWithFronts = ["Auth", "Media"];

    /// <param name="entry">The program: a front has classes of its own.</param>
    public static IEnumerable<string> Find(IConfiguration configuration, Assembly entry)
    {
        var known = Classes(entry).SelectMany(options => Keys(options.Section, Activator.CreateInstance(options.Type)!)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var roots = known.Where(key => key.Contains(':', StringComparison.Ordinal)).Select(key => key.Split(':')[0]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (entry == typeof(UnknownSettings).Assembly)
            roots.ExceptWith(SharedWithFronts);

        return roots.Order(StringComparer.Ordinal).SelectMany(root => configuration.GetSection(root).AsEnumerable())
            .Where(setting => setting.Value is not null && setting.Key.Contains(':', StringComparison.Ordinal) && !IsKnown(setting.Key, known))
            .Select(setting => setting.Key);
    }

    // What is below a known key is an entry of its list, or told as an error already.
    private static bool IsKnown(string key, HashSet<string> known)
    {
        for (var end = key.Length; end > 0; end = key.LastIndexOf(':', end - 1))
        {
            if (known.Contains(key[..end]))
                return true;
        }

        return false;
    }

    private static IEnumerable<(string Section, Type Type)> Classes(Assembly entry) =>
        new[] { entry, typeof(UnknownSettings).Assembly, typeof(Storage.StorageOptions).Assembly, typeof(Media.MediaOptions).Assembly, typeof(Users.AccountOptions).Assembly, typeof(Content.ContentOptions).Assembly, typeof(Ledger.LedgerOptions).Assembly }
            .Distinct()
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsClass && !type.IsAbstract)
            .Select(type => (SectionOf(type), type))
            .Where(pair => pair.Item1 is not null)
            .Select(pair => (pair.Item1!, pair.type));

    private static string? SectionOf(Type type) =>
        type.GetField(SectionField, BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true } field ? (string?)field.GetRawConstantValue() : null;

    private static IEnumerable<string> Keys(string section, object values) =>
        values.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).SelectMany(property =>
            property.PropertyType.IsClass && property.PropertyType != typeof(string) && property.PropertyType != typeof(Uri)
                ? Keys(SettingServices.Key(section, property.Name), property.GetValue(values) ?? Activator.CreateInstance(property.PropertyType)!)
                : [SettingServices.Key(section, property.Name)]);
}
