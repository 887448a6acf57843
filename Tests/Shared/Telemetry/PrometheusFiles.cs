using System.Text.Json;
using System.Text.RegularExpressions;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Telemetry;

/// <summary>What the rules for Prometheus and the dashboard of Grafana ask for.</summary>
internal static partial class PrometheusFiles
{
    public static string Folder => Path.Combine(ServerScript.Repository, "deploy", "prometheus");

    public static IReadOnlyList<AlertRule> Rules { get; } =
    [
        .. Rule().Matches(File.ReadAllText(Path.Combine(Folder, "alerts.yml")))
            .Select(rule => new AlertRule(rule.Groups[1].Value, rule.Groups[2].Value, rule.Groups[3].Value, rule.Groups[4].Value, rule.Groups[5].Value)),
    ];

    /// <summary>Queries of the panels, with what Grafana puts in for the whole.</summary>
    public static IReadOnlyList<string> Queries { get; } = ReadQueries();

    /// <summary>Every metric that a rule or a panel names.</summary>
    public static IReadOnlyCollection<string> Metrics { get; } = new SortedSet<string>(
        Rules.Select(rule => rule.Expression).Concat(Queries).SelectMany(query => Metric().Matches(Labels().Replace(query, " ")).Select(match => match.Value)),
        StringComparer.Ordinal);

    private static List<string> ReadQueries()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(ServerScript.Repository, "deploy", "grafana", "dashboards", "streaming.json")));
        return
        [
            .. dashboard.RootElement.GetProperty("panels").EnumerateArray()
                .Where(panel => panel.TryGetProperty("targets", out _)).SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .Select(target => target.GetProperty("expr").GetString()!
                    .Replace("$__rate_interval", "5m", StringComparison.Ordinal)
                    .Replace("$job", ".*", StringComparison.Ordinal)
                    .Replace("$instance", ".*", StringComparison.Ordinal)),
        ];
    }

    [GeneratedRegex(@"- alert: (\w+)\n +expr: (.+?)\n        (?:for: \w+\n        )?labels: \{ severity: (\w+) \}\n +annotations:\n +summary: (.+?)\n +runbook_url: (\S+)", RegexOptions.Singleline)]
    private static partial Regex Rule();

    [GeneratedRegex(@"\{[^}]*\}|\b(?:by|on|without|ignoring) \([^)]*\)")]
    private static partial Regex Labels();

    [GeneratedRegex(@"\b(?:up|(?:streaming|http|kestrel|dotnet|orleans|db)_\w+)\b")]
    private static partial Regex Metric();
}

internal sealed record AlertRule(string Alert, string Expression, string Severity, string Summary, string Runbook);
