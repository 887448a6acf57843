using Microsoft.Extensions.Configuration;
using Streaming.Tests.Docs;

namespace Streaming.Tests.Deploy;

/// <summary>The settings that the programs really have.</summary>
internal static class Settings
{
    // Of ASP.NET and .NET themselves.
    private static readonly string[] OfTheHost = ["ASPNETCORE_ENVIRONMENT", "ASPNETCORE_URLS"];

    // Fronts and silos may each have a class of a section.
    private static readonly ILookup<string, Type> Sections = OptionsClass.All
        .ToLookup(options => options.Section, options => options.Type, StringComparer.Ordinal);

    /// <summary>Each is a property of an options class, in its very spelling, and takes the value.</summary>
    public static void AssertKnown(IReadOnlyDictionary<string, string> environment)
    {
        foreach (var name in environment.Keys.Except(OfTheHost))
        {
            var parts = name.Split("__");
            Assert.True(parts.Length > 1, $"{name} is no setting.");
            var section = string.Join(':', parts[..^1]);
            Assert.True(Sections.Contains(section), $"{name} is of a section that no program reads.");
            Assert.True(Sections[section].Any(options => options.GetProperty(parts[^1])?.CanWrite == true), $"{section} has no {parts[^1]}.");
            // Throws where the value does not fit.
            foreach (var options in Sections[section])
                _ = Read(environment).GetSection(section).Get(options);
        }
    }

    public static IConfiguration Read(IReadOnlyDictionary<string, string> environment) => new ConfigurationBuilder()
        .AddInMemoryCollection(environment.Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value)))
        .Build();
}
