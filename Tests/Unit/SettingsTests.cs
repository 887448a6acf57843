using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Streaming.Silo;
using Streaming.Silo.Telemetry;
using Streaming.Tests.Docs;
using Streaming.WebFront;

namespace Streaming.Tests;

/// <summary>What holds for each class of settings, those included that are yet to come.</summary>
public sealed class SettingsTests
{
    public static TheoryData<string> Names => [.. OptionsClass.All.Select(options => options.Type.Name)];

    [Fact]
    public void Every_class_of_settings_is_looked_at_by_a_program_at_its_start()
    {
        var settings = new SettingsCheck(Configuration(("Media:Store", "Cloudinary")));

        settings.CheckSilo(new HostingEnvironment { EnvironmentName = "Development" });
        settings.CheckFront(new HostingEnvironment { EnvironmentName = "Development" }, []);
        settings.CheckTelemetry(Configuration(), new Listeners([], []));

        Assert.Equal(OptionsClass.All.Select(options => options.Type.Name).Order(), settings.Sections.Select(type => type.Name).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Value_that_cannot_be_read_or_is_out_of_range_is_named(string name)
    {
        var options = OptionsClass.All.Single(options => options.Type.Name == name);
        foreach (var setting in options.Settings)
        {
            foreach (var wrong in WrongValues(setting))
            {
                var errors = new SectionCheck(Configuration((setting.Key, wrong))).Check(options.Section, options.Defaults);

                Assert.StartsWith($"{setting.Key} is '{wrong}' and must be ", Assert.Single(errors).Value, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Key_below_a_single_value_is_named(string name)
    {
        var options = OptionsClass.All.Single(options => options.Type.Name == name);
        foreach (var setting in options.Settings)
        {
            var wrong = setting.Type == typeof(IReadOnlyList<string>) ? $"{setting.Key}:0:x" : $"{setting.Key}:x";

            var errors = new SectionCheck(Configuration((wrong, "1"))).Check(options.Section, options.Defaults);

            Assert.StartsWith($"{wrong} is set, and {wrong[..^2]} has nothing below it and must be ", Assert.Single(errors).Value, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Value_in_place_of_a_group_is_named(string name)
    {
        var options = OptionsClass.All.Single(options => options.Type.Name == name);
        var groups = options.Settings.Where(setting => setting.Group is not null).Select(setting => setting.Key[..setting.Key.LastIndexOf(':')]).Append(options.Section).Distinct();
        foreach (var group in groups.Where(group => group.Length > 0))
        {
            var errors = new SectionCheck(Configuration((group, "1"))).Check(options.Section, options.Defaults);

            Assert.StartsWith($"{group} has a value, and is a group of settings. ", Assert.Single(errors).Value, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Key_that_nothing_reads_is_found_and_every_other_is_not()
    {
        var known = OptionsClass.All.SelectMany(options => options.Settings).Select(setting => (setting.Type == typeof(IReadOnlyList<string>) ? $"{setting.Key}:0" : setting.Key, "1"));

        var unknown = UnknownSettings.Find(Configuration([.. known, ("Auth:TokenMinuts", "5"), ("Storage:Federation:Host", "x"), ("Elsewhere:Key", "1")]), typeof(CompatibilityOptions).Assembly);

        Assert.Equal(["Auth:TokenMinuts", "Storage:Federation:Host"], unknown);
    }

    [Fact]
    public void Silo_takes_no_setting_of_a_front_for_unknown() =>
        Assert.Equal(["Ledger:X"], UnknownSettings.Find(Configuration(("Auth:SigningKey", "x"), ("Media:PublicBaseUrl", "x"), ("Ledger:X", "1")), typeof(SettingsCheck).Assembly));

    [Fact]
    public void Defaults_are_what_the_programs_take()
    {
        foreach (var options in OptionsClass.All)
            Assert.Empty(new SectionCheck(Configuration()).Check(options.Section, options.Defaults));
    }

    private static IEnumerable<string> WrongValues(Setting setting)
    {
        if (setting.Type == typeof(string) || setting.Type == typeof(Uri) || setting.Type == typeof(IReadOnlyList<string>))
            yield break;

        yield return "abc";
        yield return "99999999999999999999999999999999999";
        if (setting.Property.GetCustomAttribute<RangeAttribute>() is not { } range)
            yield break;

        yield return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture) + 1:0.##}");
        yield return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture) - 1:0.##}");
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value))).Build();
}
