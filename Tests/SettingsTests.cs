using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Streaming.Content;
using Streaming.Silo;
using Streaming.Storage;
using Streaming.Tests.Storage;
using Streaming.Users;
using Streaming.WebFront;

namespace Streaming.Tests;

/// <summary>What holds for each class of settings, those included that are yet to come.</summary>
public sealed partial class SettingsTests
{
    private static readonly Type[] All =
    [
        .. new[] { typeof(AccountOptions), typeof(ContentOptions), typeof(StorageOptions), typeof(ClusterOptions), typeof(CompatibilityOptions) }
            .SelectMany(type => type.Assembly.GetTypes())
            .Where(type => type.IsClass && !type.IsAbstract && SectionField(type) is not null),
    ];

    public static TheoryData<string> Names => [.. All.Select(type => type.Name)];

    [Fact]
    public void Every_class_of_settings_is_looked_at_by_a_program_at_its_start()
    {
        var settings = new SettingsCheck(Configuration(("Media:Store", "Cloudinary")));

        settings.CheckSilo(new HostingEnvironment { EnvironmentName = "Development" });
        settings.CheckFront(Configuration(), new HostingEnvironment { EnvironmentName = "Development" }, []);

        Assert.Equal(All.Select(type => type.Name).Order(), settings.Sections.Select(type => type.Name).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Value_that_cannot_be_read_or_is_out_of_range_is_named(string name)
    {
        var type = All.Single(type => type.Name == name);
        foreach (var (key, property) in Properties(Section(type), type))
        {
            foreach (var wrong in WrongValues(property))
            {
                var errors = new SectionCheck(Configuration((key, wrong))).Check(Section(type), Activator.CreateInstance(type)!);

                Assert.StartsWith($"{key} is '{wrong}' and must be ", Assert.Single(errors).Value, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Defaults_are_what_the_programs_take()
    {
        foreach (var type in All)
            Assert.Empty(new SectionCheck(Configuration()).Check(Section(type), Activator.CreateInstance(type)!));
    }

    [Fact]
    public void Documentation_names_every_setting_with_its_default()
    {
        var documented = Documented();
        foreach (var type in All)
        {
            var defaults = Activator.CreateInstance(type)!;
            foreach (var (key, property) in Properties(Section(type), type).Where(setting => !setting.Key.StartsWith("RateLimits:", StringComparison.Ordinal) || !IsGroup(setting.Property.DeclaringType!)))
            {
                Assert.True(documented.TryGetValue(key, out var text), $"{key} is documented nowhere.");
                if (property.DeclaringType == type && property.GetValue(defaults) is int or long or double && Number().IsMatch(text!))
                    Assert.True(Convert.ToDouble(property.GetValue(defaults), CultureInfo.InvariantCulture) == double.Parse(text!.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), $"{key} has another default than {text}.");
            }
        }
    }

    /// <summary>What tables in the documentation say of settings: <c>`Auth:TokenMinutes`, `:RefreshTokenDays` | 60, 30 |</c>.</summary>
    private static Dictionary<string, string> Documented()
    {
        var documented = new Dictionary<string, string>();
        var docs = Path.Combine(ServerScript.Repository, "docs");
        string[] files = [Path.Combine(ServerScript.Repository, "README.md"), .. Directory.Exists(docs) ? Directory.GetFiles(docs, "*.md", SearchOption.AllDirectories) : []];
        foreach (var row in files.SelectMany(File.ReadLines).Where(line => line.StartsWith("| `", StringComparison.Ordinal)))
        {
            var cells = row.Split('|', StringSplitOptions.TrimEntries);
            var keys = Quoted().Matches(cells[1]).Select(match => match.Groups[1].Value).ToList();
            var values = cells[2].Split(", ");
            for (var i = 0; i < keys.Count; i++)
            {
                // A key that begins with a colon is in the section of the one before it.
                if (keys[i].StartsWith(':'))
                    keys[i] = (i == 0 ? "" : keys[0][..keys[0].LastIndexOf(':')]) + keys[i];

                documented[keys[i]] = values.Length == keys.Count ? values[i] : "";
            }
        }

        return documented;
    }

    private static IEnumerable<string> WrongValues(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type == typeof(string) || type == typeof(Uri))
            yield break;

        yield return "abc";
        yield return "99999999999999999999999999999999999";
        if (property.GetCustomAttribute<RangeAttribute>() is not { } range)
            yield break;

        yield return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture) + 1:0.##}");
        yield return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture) - 1:0.##}");
    }

    private static IEnumerable<(string Key, PropertyInfo Property)> Properties(string section, Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).SelectMany(property =>
            IsGroup(property.PropertyType) ? Properties($"{section}:{property.Name}", property.PropertyType) : [($"{section}:{property.Name}", property)]);

    private static bool IsGroup(Type type) => type.IsClass && type != typeof(string) && type != typeof(Uri) && SectionField(type) is null;

    private static string Section(Type type) => (string)SectionField(type)!.GetRawConstantValue()!;

    private static FieldInfo? SectionField(Type type) => type.GetField("Section", BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true } field ? field : null;

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value))).Build();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("^[0-9][0-9,.]*$")]
    private static partial Regex Number();
}
