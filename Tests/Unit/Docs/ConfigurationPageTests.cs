using System.Text;

namespace Streaming.Tests.Docs;

/// <summary>The tables of docs/configuration.md are made from the options classes.</summary>
public sealed class ConfigurationPageTests
{
    private const string Page = "docs/configuration.md";

    private readonly XmlDocumentation documentation = new(SettingOf);

    [Fact]
    public void Tables_are_what_the_options_classes_say()
    {
        var text = new StringBuilder();
        foreach (var section in OptionsClass.All.GroupBy(options => options.Section))
        {
            text.Append($"\n### {(section.Key.Length > 0 ? section.Key : "In no section")}\n");
            foreach (var options in section)
            {
                text.Append($"\n{documentation.SummaryOf(options.Type)}\n\n| key | default | allowed | what |\n| --- | --- | --- | --- |\n");
                foreach (var setting in options.Settings)
                    text.Append($"| `{setting.Key}` | {setting.DefaultText} | {setting.Allowed} | {Describe(setting)} |\n");
            }
        }

        Pages.AssertGenerated(Page, "settings", text.Append('\n').ToString(), nameof(ConfigurationPageTests));
    }

    [Fact]
    public void Every_setting_and_section_has_a_summary()
    {
        Assert.All(OptionsClass.All, options => Assert.True(documentation.SummaryOf(options.Type).Length > 0, $"{options.Type} has no summary."));
        Assert.All(OptionsClass.All.SelectMany(options => options.Settings), setting =>
            Assert.True(documentation.SummaryOf(setting.Property).Length > 0, $"{setting.Key} has no summary."));
    }

    [Fact]
    public void Every_options_class_names_its_section() =>
        Assert.Empty(OptionsClass.Types
            .Where(type => type.Namespace?.StartsWith("Streaming", StringComparison.Ordinal) == true && type.Name.EndsWith("Options", StringComparison.Ordinal))
            .Except(OptionsClass.All.Select(options => options.Type)));

    [Fact]
    public void Settings_that_are_in_no_options_class_are_on_the_page()
    {
        var page = Pages.Read(Page);
        Assert.All(["ASPNETCORE_URLS", "ASPNETCORE_ENVIRONMENT"], key => Assert.Contains($"\n| `{key}` | ", page, StringComparison.Ordinal));
    }

    private string Describe(Setting setting)
    {
        var values = setting.Type.IsEnum
            ? Enum.GetNames(setting.Type).Select(name => $"`{name}`: {documentation.SummaryOf(setting.Type.GetField(name)!)}")
            : [];
        return string.Join(' ', [.. setting.Group is { } group ? [documentation.SummaryOf(group)] : Array.Empty<string>(), documentation.SummaryOf(setting.Property), .. values]);
    }

    /// <summary>What users know a documented member as: the key of a setting, or its section.</summary>
    private static string? SettingOf(string member) =>
        OptionsClass.All.FirstOrDefault(options => member == $"T:{XmlDocumentation.Name(options.Type)}")?.Section
        ?? OptionsClass.All.SelectMany(options => options.Settings)
            .FirstOrDefault(setting => member == $"P:{XmlDocumentation.Name(setting.Property.DeclaringType!)}.{setting.Property.Name}")?.Key;
}
