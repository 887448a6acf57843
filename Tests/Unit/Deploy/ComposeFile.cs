using System.Globalization;
using System.Text.RegularExpressions;
using Streaming.Tests.Storage;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Streaming.Tests.Deploy;

/// <summary>The compose file as written: anchors and merges are resolved, variables are not.</summary>
internal sealed partial class ComposeFile
{
    private ComposeFile(string text)
    {
        Text = text;
        var root = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object?>>(new MergingParser(new Parser(new StringReader(text))));
        Services = Map(root, "services").ToDictionary(entry => entry.Key, entry => new ComposeService(entry.Key, AsMap(entry.Value)));
        Volumes = [.. Map(root, "volumes").Keys];
        Networks = [.. Map(root, "networks").Keys];
    }

    public static ComposeFile Read() => new(File.ReadAllText(Path.Combine(ServerScript.Repository, "docker-compose.yml")));

    public string Text { get; }

    public IReadOnlyDictionary<string, ComposeService> Services { get; }

    public IReadOnlyList<string> Volumes { get; }

    public IReadOnlyList<string> Networks { get; }

    public IEnumerable<ComposeService> Silos => Services.Values.Where(service => service.Target == "silo");

    public IEnumerable<ComposeService> Fronts => Services.Values.Where(service => service.Target == "front");

    /// <summary>What starts without a profile.</summary>
    public IEnumerable<ComposeService> Always => Services.Values.Where(service => service.Profiles.Count == 0);

    public IEnumerable<ComposeService> Programs => Silos.Concat(Fronts);

    /// <summary>All that a service waits for, and what that waits for.</summary>
    public HashSet<string> AllBefore(string service)
    {
        var all = new HashSet<string>();
        var next = new Queue<string>(Services[service].DependsOn.Keys);
        while (next.TryDequeue(out var name))
        {
            if (all.Add(name))
                Services[name].DependsOn.Keys.ToList().ForEach(next.Enqueue);
        }

        return all;
    }

    public IEnumerable<string> Variables => Variable().Matches(Text).Select(match => match.Groups["name"].Value).Distinct();

    /// <summary>What the file becomes when each variable has its default, or where it must be set, the given value.</summary>
    public static string Fill(string text, string required) => Variable().Replace(
        text, match => match.Groups["default"] is { Success: true } value ? value.Value : required);

    internal static IReadOnlyDictionary<string, object?> Map(IReadOnlyDictionary<object, object?> of, string key) =>
        AsMap(of.GetValueOrDefault(key));

    internal static IReadOnlyDictionary<string, object?> AsMap(object? value) => value switch
    {
        null => new Dictionary<string, object?>(),
        IReadOnlyDictionary<object, object?> map => map.ToDictionary(entry => (string)entry.Key, entry => entry.Value),
        IDictionary<object, object> map => map.ToDictionary(entry => (string)entry.Key, entry => (object?)entry.Value),
        _ => throw new InvalidDataException($"{value} is no map."),
    };

    internal static IReadOnlyList<string> AsList(object? value) => value switch
    {
        null => [],
        IEnumerable<object> list => [.. list.Select(item => (string)item)],
        _ => throw new InvalidDataException($"{value} is no list."),
    };

    [GeneratedRegex(@"\$\{(?<name>[A-Z_][A-Z0-9_]*)(?::-(?<default>[^}]*)|:\?[^}]*)?\}")]
    private static partial Regex Variable();
}

internal sealed record ComposeService(string Name, IReadOnlyDictionary<string, object?> Settings)
{
    public string Image => (string)Settings["image"]!;

    /// <summary>The stage of the Dockerfile that it is built from; null for what others made.</summary>
    public string? Target => ComposeFile.AsMap(Settings.GetValueOrDefault("build")).GetValueOrDefault("target") as string;

    public IReadOnlyDictionary<string, string> Environment =>
        ComposeFile.AsMap(Settings.GetValueOrDefault("environment")).ToDictionary(entry => entry.Key, entry => (string)entry.Value!);

    /// <summary>The condition of each.</summary>
    public IReadOnlyDictionary<string, string> DependsOn => ComposeFile.AsMap(Settings.GetValueOrDefault("depends_on"))
        .ToDictionary(entry => entry.Key, entry => (string)ComposeFile.AsMap(entry.Value)["condition"]!);

    public IReadOnlyDictionary<string, object?> HealthCheck => ComposeFile.AsMap(Settings.GetValueOrDefault("healthcheck"));

    public IReadOnlyList<string> Networks => ComposeFile.AsList(Settings.GetValueOrDefault("networks"));

    public IReadOnlyList<string> Volumes => ComposeFile.AsList(Settings.GetValueOrDefault("volumes"));

    public IReadOnlyList<string> Profiles => ComposeFile.AsList(Settings.GetValueOrDefault("profiles"));

    public IReadOnlyList<string> Ports => ComposeFile.AsList(Settings.GetValueOrDefault("ports"));

    public TimeSpan? StopGracePeriod => Settings.GetValueOrDefault("stop_grace_period") is string text
        ? TimeSpan.FromSeconds(int.Parse(text.TrimEnd('s'), CultureInfo.InvariantCulture))
        : null;

    /// <summary>It runs at a start and ends, so nobody can ask for its health.</summary>
    public bool RunsOnce => Settings.GetValueOrDefault("restart") is "no";
}
