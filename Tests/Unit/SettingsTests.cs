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
