using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Streaming.Tests.Http;
using Streaming.Tests.Storage;
using Streaming.Tests.Telemetry;
using Streaming.Tests.Videos;

namespace Streaming.Tests.Processes;

/// <summary>The rules and the dashboard, by a real Prometheus that scrapes the real program.</summary>
[Collection(ServersTests.Name)]
public sealed partial class PrometheusTests : IAsyncLifetime
{
    private const string Prometheus = "/usr/bin/prometheus";
    private const string Promtool = "/usr/bin/promtool";

    // There only once a grain call has timed out, and once an operation has waited for a connection.
    private static readonly string[] OfFaults = ["orleans_app_requests_timedout_total", "db_client_connection_npgsql_pending_requests"];

    private readonly TemporaryFolder folder = new();
    private readonly ServersFixture stores = new();
    private readonly Guid title = Guid.NewGuid();

    public async ValueTask InitializeAsync()
    {
        Requirement.OfFile(Prometheus, "install prometheus");
        ServerScript.Require("metadata");
        await stores.OpenAsync();
        await stores.AddTitleAsync(Samples.Title(title, "A title"));
    }

    public async ValueTask DisposeAsync()
    {
        await stores.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Rules_and_queries_are_what_Prometheus_reads_and_alerts_fire_when_they_should()
    {
        // The queries of the dashboard, as rules, for promtool to read them.
        var queries = Path.Combine(folder.Path, "queries.json");
        await File.WriteAllTextAsync(
            queries,
            JsonSerializer.Serialize(new { groups = new[] { new { name = "dashboard", rules = PrometheusFiles.Queries.Select((query, i) => new { record = $"panel:{i}", expr = query }) } } }),
            TestContext.Current.CancellationToken);

        await PromtoolAsync("check", "config", Path.Combine(PrometheusFiles.Folder, "prometheus.yml"));
        await PromtoolAsync("check", "rules", "--lint=all", "--lint-fatal", Path.Combine(PrometheusFiles.Folder, "alerts.yml"), queries);
        await PromtoolAsync("test", "rules", Path.Combine(PrometheusFiles.Folder, "alerts.test.yml"));
    }

    [Fact]
    public async Task Every_metric_that_a_rule_or_a_panel_names_is_scraped_from_the_program()
    {
        var port = LoopbackPort.Take();
        await using var server = await ServerProcess.StartReadyAsync(
            folder.Path, LoopbackPort.Take(),
            [
                .. TestServers.Settings.Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value)),
                ("Cluster__Id", $"test-{Guid.NewGuid():N}"),
                ("Media__Path", Path.Combine(folder.Path, "media")),
                ("Telemetry__PrometheusPort", port.ToString(CultureInfo.InvariantCulture)),
            ]);
        using var prometheus = await ScrapeAsync(port);
        try
        {
            await UseAsync(server.Address);
            await IsApartAsync(server.Address, port);

            using var http = new HttpClient { BaseAddress = new Uri(prometheus.StartInfo.Environment["ADDRESS"]!) };
            await Poll.UntilAsync(async () =>
            {
                var known = (await NamesAsync(http)).ToHashSet();
                var missing = PrometheusFiles.Metrics.Except(OfFaults).Where(name => !known.Contains(name)).ToList();
                return missing.Count == 0 ? null : string.Join(", ", missing);
            }, seconds: 40);
            // It has the rules, and nothing is wrong with a program that runs.
            var alerts = JsonDocument.Parse(await http.GetStringAsync(new Uri("/api/v1/rules", UriKind.Relative), TestContext.Current.CancellationToken)).RootElement.GetProperty("data").GetProperty("groups").EnumerateArray()
                .SelectMany(group => group.GetProperty("rules").EnumerateArray()).ToList();
            Assert.Equal(PrometheusFiles.Rules.Count, alerts.Count);
            Assert.All(alerts, alert => Assert.NotEqual("err", alert.GetProperty("health").GetString()));
            Assert.All(alerts, alert => Assert.NotEqual("firing", alert.GetProperty("state").GetString()));
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync(CancellationToken.None);
        }

        await server.StopsQuietlyAsync();
    }

    /// <summary>The public port knows nothing of metrics, and theirs of nothing else.</summary>
    private static async Task IsApartAsync(Uri server, int port)
    {
        using var open = new HttpClient { BaseAddress = server };
        using var own = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        (await new Api(open).GetAsync("/metrics")).Is(404);
        (await new Api(own).GetAsync("/health/live")).Is(404);
        var text = (await new Api(own).GetAsync("/metrics")).Is(200).Text;
        // Pools are told apart by names of ours: a connection string has no business there.
        Assert.Contains("db_client_connection_pool_name=\"metadata\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Username=", text, StringComparison.Ordinal);
    }

    /// <summary>What makes each instrument count something.</summary>
    private async Task UseAsync(Uri server)
    {
        using var http = new HttpClient { BaseAddress = server };
        var api = new Api(http);
        (await api.PostAsync($"/api/v1/content/{title}/views/increment")).Is(200);
        (await api.GetAsync($"/api/v1/content/{title}/details")).IsJson();
        using var uploader = await Uploader.SignUpAsync(server);
        (await uploader.UploadAsync(NoiseVideo.Of(100_000), "A video")).Is(200);
        // Plays it.
        Assert.Equal(1, await uploader.SettleAsync(media: null));
    }

    /// <summary>A Prometheus with the files of the repository, for this program and at a quicker pace.</summary>
    private async Task<Process> ScrapeAsync(int port)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(PrometheusFiles.Folder, "prometheus.yml"), TestContext.Current.CancellationToken);
        text = Targets().Replace(text, match => match.Value.Contains("front", StringComparison.Ordinal) ? $"targets: [\"127.0.0.1:{port}\"]" : "targets: []")
            .Replace("15s", "1s", StringComparison.Ordinal)
            .Replace("[alerts.yml]", $"[{Path.Combine(PrometheusFiles.Folder, "alerts.yml")}]", StringComparison.Ordinal);
        var config = Path.Combine(folder.Path, "prometheus.yml");
        await File.WriteAllTextAsync(config, text, TestContext.Current.CancellationToken);

        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{LoopbackPort.Take()}");
        var start = new ProcessStartInfo(Prometheus)
        {
            ArgumentList = { $"--config.file={config}", $"--storage.tsdb.path={Path.Combine(folder.Path, "series")}", $"--web.listen-address={address}", "--log.level=error" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ADDRESS"] = $"http://{address}" },
        };
        var prometheus = Process.Start(start)!;
        prometheus.BeginOutputReadLine();
        prometheus.BeginErrorReadLine();
        using var http = new HttpClient { BaseAddress = new Uri($"http://{address}") };
        await Poll.UntilAsync(async () =>
        {
            try
            {
                await NamesAsync(http);
                return null;
            }
            catch (HttpRequestException e)
            {
                return e.Message;
            }
        });
        return prometheus;
    }

    private static async Task<IEnumerable<string>> NamesAsync(HttpClient http)
    {
        using var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri("/api/v1/label/__name__/values", UriKind.Relative), TestContext.Current.CancellationToken));
        return [.. answer.RootElement.GetProperty("data").EnumerateArray().Select(name => name.GetString()!)];
    }

    private static async Task PromtoolAsync(params string[] arguments)
    {
        using var promtool = Process.Start(new ProcessStartInfo(Promtool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = new StringBuilder();
        promtool.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        promtool.ErrorDataReceived += (_, line) => output.AppendLine(line.Data);
        promtool.BeginOutputReadLine();
        promtool.BeginErrorReadLine();
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.True(promtool.ExitCode == 0, output.ToString());
    }

    [GeneratedRegex(@"targets: \[.*\]")]
    private static partial Regex Targets();
}
