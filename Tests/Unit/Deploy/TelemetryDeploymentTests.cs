using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Streaming.Silo.Telemetry;
using Streaming.Tests.Docs;
using Streaming.Tests.Storage;
using Streaming.Tests.Telemetry;
using YamlDotNet.Serialization;

namespace Streaming.Tests.Deploy;

/// <summary>Prometheus and Grafana as the compose file starts them: they find the programs and each other, and each alert its runbook.</summary>
public sealed partial class TelemetryDeploymentTests
{
    private const string Operations = "docs/operations.md";

    private readonly ComposeFile compose = ComposeFile.Read();

    [Fact]
    public void Each_alert_says_how_bad_it_is_and_has_a_runbook()
    {
        var page = Pages.Read(Operations);
        var runbooks = page[page.IndexOf("\n## Runbooks\n", StringComparison.Ordinal)..];
        runbooks = runbooks[..runbooks.IndexOf("\n## ", 5, StringComparison.Ordinal)];

        var alerts = PrometheusFiles.Rules.Select(rule => rule.Alert).ToList();
        Assert.All(PrometheusFiles.Rules, rule =>
        {
            Assert.Contains(rule.Severity, (string[])["critical", "warning"]);
            Assert.Equal($"{Operations}#{rule.Alert.ToLowerInvariant()}", rule.Runbook);
            Assert.NotEmpty(rule.Summary);
        });
        // Neither a rule without a runbook nor the other way round.
        Assert.Equal(alerts, RunbookHeading().Matches(runbooks).Select(match => match.Groups[1].Value));
        Assert.Equal(alerts.Count, alerts.Distinct().Count());
    }

    [Fact]
    public void Each_alert_is_tested_to_fire()
    {
        var tests = File.ReadAllText(PathOf("deploy/prometheus/alerts.test.yml"));
        Assert.All(PrometheusFiles.Rules, rule => Assert.Contains($"alertname: {rule.Alert}\n        exp_alerts:\n", tests, StringComparison.Ordinal));
    }

    [Fact]
    public void Prometheus_scrapes_every_program_at_its_port_and_reads_the_rules()
    {
        var prometheus = compose.Services["prometheus"];
        var text = File.ReadAllText(PathOf("deploy/prometheus/prometheus.yml"));
        foreach (var program in compose.Programs)
        {
            var port = program.Environment["Telemetry__PrometheusPort"];
            Assert.Equal("0.0.0.0", program.Environment["Telemetry__PrometheusAddress"]);
            Assert.Contains($"\"{program.Name}:{port}\"", text, StringComparison.Ordinal);
            Assert.NotEmpty(program.Networks.Intersect(prometheus.Networks));
            Assert.DoesNotContain(program.Ports, published => published.Contains(port, StringComparison.Ordinal));
        }

        Assert.Equal(compose.Programs.Count(), Target().Count(text));
        Assert.Contains("rule_files: [alerts.yml]", text, StringComparison.Ordinal);
        Assert.All(["prometheus.yml", "alerts.yml"], file => Assert.Contains($"./deploy/prometheus/{file}:/etc/prometheus/{file}:ro", prometheus.Volumes));
    }

    [Fact]
    public void Telemetry_is_started_on_request_and_published_to_this_machine_alone()
    {
        var telemetry = compose.Services.Values.Except(compose.Always).ToList();

        Assert.Equal(["grafana", "prometheus"], telemetry.Select(service => service.Name).Order());
        Assert.All(telemetry, service =>
        {
            Assert.Equal(["telemetry"], service.Profiles);
            Assert.All(service.Ports, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        });
        Assert.DoesNotContain("servers", compose.Services["grafana"].Networks);
    }

    [Fact]
    public void Grafana_finds_its_dashboard_and_the_dashboard_its_data()
    {
        var grafana = compose.Services["grafana"];
        var source = Read("deploy/grafana/provisioning/datasources/prometheus.yml");
        var only = ComposeFile.AsMap(Assert.Single((List<object>)source["datasources"]));
        var provider = ComposeFile.AsMap(Assert.Single((List<object>)Read("deploy/grafana/provisioning/dashboards/streaming.yml")["providers"]));
        var folder = (string)ComposeFile.AsMap(provider["options"])["path"]!;

        Assert.Equal("http://prometheus:9090", only["url"]);
        Assert.NotEmpty(grafana.Networks.Intersect(compose.Services["prometheus"].Networks));
        Assert.Contains($"./deploy/grafana/dashboards/streaming.json:{folder}/streaming.json:ro", grafana.Volumes);
        foreach (var kind in (string[])["datasources/prometheus.yml", "dashboards/streaming.yml"])
            Assert.Contains($"./deploy/grafana/provisioning/{kind}:/etc/grafana/provisioning/{kind}:ro", grafana.Volumes);

        using var dashboard = JsonDocument.Parse(File.ReadAllText(PathOf("deploy/grafana/dashboards/streaming.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(panels.Where(panel => panel.TryGetProperty("targets", out _)), panel =>
            Assert.All(panel.GetProperty("targets").EnumerateArray().Append(panel), part => Assert.Equal(only["uid"], part.GetProperty("datasource").GetProperty("uid").GetString())));
        Assert.True(PrometheusFiles.Metrics.Count > 40, string.Join(", ", PrometheusFiles.Metrics));
    }

    [Fact]
    public void Port_by_convention_is_what_the_setting_says() =>
        Assert.All(compose.Programs, program => Assert.Equal(9464, Settings.Read(program.Environment).GetSection(TelemetryOptions.Section).Get<TelemetryOptions>()!.PrometheusPort));

    private static Dictionary<string, object> Read(string file) => new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(File.ReadAllText(PathOf(file)));

    private static string PathOf(string name) => Path.Combine(ServerScript.Repository, name);

    [GeneratedRegex(@"^### (\w+)$", RegexOptions.Multiline)]
    private static partial Regex RunbookHeading();

    [GeneratedRegex("\"[\\w-]+:9464\"")]
    private static partial Regex Target();
}
