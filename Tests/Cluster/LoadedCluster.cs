using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Npgsql;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>
/// Three silos and a front, or several behind a balancer, on emptied databases, with clients that record views and visitors that do everything
/// else. A test breaks something under it; <see cref="SettleAsync"/> then finds every acknowledged view counted once.
/// </summary>
internal sealed partial class LoadedCluster : IAsyncDisposable
{
    private const int Silos = 3;
    private const int TitlesOfEachKind = 12;
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxProbing = TimeSpan.FromSeconds(90);

    private readonly ServersFixture stores = new();
    // Under load a silo would apply every 12 s, and each count that is waited for would take as long.
    private readonly SiloCluster cluster = new(("Ledger__MaxApplyIntervalMilliseconds", "1000"));
    private readonly List<SiloProcess> living = [];
    private readonly List<FrontProcess> fronts = [];
    private readonly Dictionary<Guid, long> batched = [];
    private readonly Random random;
    private readonly int seed;

    // Without a pool: tests restart the server under it.
    private readonly NpgsqlDataSource metadata = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(TestServers.Metadata) { Pooling = false });

    private Balancer? balancer;
    private HttpClient? http;
    private ViewLoad? load;
    private Visitors? visitors;

    private LoadedCluster(int seed)
    {
        this.seed = seed;
        random = new Random(seed);
    }

    public IReadOnlyList<SiloProcess> Living => living;

    public Guid[] Titles { get; private set; } = [];

    public Guid[] Users { get; private set; } = [];

    private string Summary => $"{Load.Tally.Requests} requests acknowledged, {Load.Failed} failed; {Visitors.Summary}";

    private HttpClient Http => http!;

    private ViewLoad Load => load!;

    private Visitors Visitors => visitors!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="fronts">More than one stand behind a balancer.</param>
    /// <param name="clients">That record views.</param>
    /// <param name="build">A clone of another release, built, whose programs are started first; null for this build's.</param>
    public static async Task<LoadedCluster> StartAsync(int seed, int fronts = 1, int clients = ViewLoad.Clients, string? build = null)
    {
        var loaded = new LoadedCluster(seed) { cluster = { Build = build } };
        try
        {
            await loaded.StartProgramsAsync(fronts, clients);
            return loaded;
        }
        catch
        {
            await loaded.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks the front once.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? json = null, string? key = null)
    {
        using var message = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (json is not null)
            message.Content = new OnceContent(json);

        if (key is not null)
            message.Headers.Add("Idempotency-Key", key);

        using var answer = await Http.SendAsync(message, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Visitors.Judge($"{method} {path}", answer.StatusCode, text);
        return (answer.StatusCode, text.StartsWith('{') ? JsonElement.Parse(text) : default);
    }

    /// <summary>Records one view.</summary>
    public async Task<HttpStatusCode> ViewAsync()
    {
        var request = new ViewRequest($"/api/v1/content/{Titles[0]}/views/increment", "{}", [(Titles[0], 1)], Keyed: true, $"view-{random.NextInt64():x16}");
        var (status, _) = await SendAsync(HttpMethod.Post, request.Path, request.Body, request.Key);
        if (status == HttpStatusCode.OK)
            Load.Tally.Acknowledge(request);
        else if (status == HttpStatusCode.GatewayTimeout)
            Load.Tally.Doubt(request);

        return status;
    }

    /// <summary>Kills a silo and waits until its titles answer again; says how long that took.</summary>
    public async Task KillAsync(SiloProcess silo)
    {
        living.Remove(silo);
        var watch = Stopwatch.StartNew();
        await silo.KillAsync();
        await UntilOutAsync(silo, watch);
    }

    /// <summary>Kills all at once.</summary>
    public async Task KillAllAsync()
    {
        await Task.WhenAll(living.Select(silo => silo.KillAsync()));
        living.Clear();
    }

    /// <summary>Silos at new ports, or where others were before.</summary>
    public async Task AddSilosAsync(params SiloPorts[] ports)
    {
        var watch = Stopwatch.StartNew();
        var started = ports.Select(at => cluster.LaunchSilo(at)).ToList();
        living.AddRange(started);
        await Task.WhenAll(started.Select(silo => silo.UntilReadyAsync()));
        Say($"{started.Count} silos started in {watch.Elapsed.TotalSeconds:0.0} s.");
    }

    /// <summary>A silo that lives and is no member any more ends by itself, and says with its exit code that this is no orderly end.</summary>
    public static async Task UntilEndedAsync(SiloProcess silo)
    {
        var code = await silo.WaitForExitAsync();
        Say($"The silo ended with {code}: {silo.Output.Concat(silo.Errors).LastOrDefault(line => line.Contains("crit:", StringComparison.Ordinal))}");
        Assert.NotEqual(0, code);
    }

    public void Pause(SiloProcess silo)
    {
        living.Remove(silo);
        silo.Pause();
    }

    /// <summary>Waits until the membership has buried the silo and every title answers.</summary>
    public async Task UntilOutAsync(SiloProcess silo, Stopwatch watch)
    {
        using var isOut = new CancellationTokenSource(MaxProbing);
        var probes = Titles.Select(title => ProbeAsync(title, watch, isOut.Token)).ToList();
        await cluster.UntilGoneAsync(silo);
        var gone = watch.Elapsed;
        await isOut.CancelAsync();
        var answered = await Task.WhenAll(probes);
        Assert.DoesNotContain(null, answered);
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"Out of the membership after {gone.TotalSeconds:0.0} s; {answered.Count(at => at == TimeSpan.Zero)} of {answered.Length} titles answered all the time, the last of the others after {answered.Max()!.Value.TotalSeconds:0.0} s."));
        Assert.Contains(answered, at => at == TimeSpan.Zero);
    }

    /// <summary>Waits until the dead one's writer is gone and a living silo says that it took its journal over, which comes after.</summary>
    public Task UntilTakenOverAsync(SiloProcess dead) => Poll.UntilAsync(async () =>
    {
        if ((await ReadAsync("SELECT writer_id FROM ledger_writers", r => PortOf(r.GetString(0)))).Contains(dead.Ports.Silo))
            return $"the writer of silo {dead.Ports.Silo} is there";

        return living.Any(silo => silo.Output.Any(line =>
            line.Contains("Took over the journal of writer", StringComparison.Ordinal) && line.Contains($":{dead.Ports.Silo}@", StringComparison.Ordinal)))
            ? null
            : $"no silo says that it took over the journal of silo {dead.Ports.Silo}";
    });

    /// <summary>Waits until so many further requests are acknowledged.</summary>
    public async Task AcknowledgedAsync(int further)
    {
        var watch = Stopwatch.StartNew();
        var until = Load.Tally.Requests + further;
        await Poll.UntilAsync(
            () => Task.FromResult(Load.Tally.Requests >= until || !Load.Surprises.IsEmpty ? null : $"{Load.Tally.Requests} of {until} requests were acknowledged"),
            seconds: 60);
        Say(string.Create(CultureInfo.InvariantCulture, $"{further} requests acknowledged in {watch.Elapsed.TotalSeconds:0.0} s."));
    }

    /// <summary>Waits until a request is answered so.</summary>
    public Task UntilAnsweredAsync(HttpMethod method, string path, string? json, Func<HttpStatusCode, JsonElement, bool> isRight, string? key = null) => Poll.UntilAsync(
        async () =>
        {
            var (status, body) = await SendAsync(method, path, json, key);
            return isRight(status, body) ? null : $"{method} {path}: {(int)status} {body}";
        },
        seconds: 60);

    /// <summary>Records a batch for titles that nothing else views, and waits until the details of each are exact.</summary>
    public async Task BatchAsync()
    {
        var counts = Titles[^TitlesOfEachKind..].ToDictionary(title => title, _ => random.Next(1, 50));
        var json = $"[{string.Join(',', counts.Select(title => $$"""{"content_id":"{{title.Key}}","count":{{title.Value}}}"""))}]";
        await UntilAnsweredAsync(HttpMethod.Post, "/api/v1/views", json, (status, _) => status == HttpStatusCode.OK, $"batch-{random.NextInt64():x16}");
        var watch = Stopwatch.StartNew();
        foreach (var (title, count) in counts)
        {
            batched[title] = batched.GetValueOrDefault(title) + count;
            await UntilShownAsync(title, batched[title]);
        }

        Say(string.Create(CultureInfo.InvariantCulture, $"The batch was in all details after {watch.Elapsed.TotalSeconds:0.0} s."));
    }

    public async ValueTask DisposeAsync()
    {
        visitors?.Dispose();
        load?.Dispose();
        http?.Dispose();
        if (balancer is not null)
            await balancer.DisposeAsync();

        await cluster.DisposeAsync();
        await stores.DisposeAsync();
        await metadata.DisposeAsync();
    }

    private async Task StartProgramsAsync(int frontCount, int clients)
    {
        await stores.OpenAsync();
        var samples = new Samples();
        Titles = [.. Enumerable.Range(0, 3 * TitlesOfEachKind).Select(_ => samples.Id())];
        foreach (var title in Titles)
            await stores.AddTitleAsync(Samples.Title(title, "A title"));

        Users = [samples.Id(), samples.Id()];
        foreach (var user in Users)
            await stores.AddUserAsync(user, "somebody");

        living.AddRange(await cluster.StartSilosAsync(Silos));
        fronts.AddRange(Enumerable.Range(0, frontCount).Select(_ => cluster.LaunchFront()));
        await Task.WhenAll(fronts.Select(front => front.UntilReadyAsync()));
        if (frontCount > 1)
            balancer = await Balancer.StartAsync(fronts);

        var address = balancer?.Address ?? fronts[0].Address;
        http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        load = new ViewLoad(address, Titles[..TitlesOfEachKind], Titles[TitlesOfEachKind..(2 * TitlesOfEachKind)], seed, clients);
        visitors = new Visitors(address, Titles, Users, seed);
        load.Start();
        visitors.Start();
        // All titles are active somewhere before anything breaks.
        foreach (var title in Titles)
            await UntilAnsweredAsync(HttpMethod.Get, $"/api/v1/content/{title}", null, (status, _) => status == HttpStatusCode.OK);
    }

    /// <summary>
    /// Asks for a title until the silo is out and the title answers. Zero where it answered quickly all the time, otherwise
    /// when it first did after the last time it did not; null where it never did.
    /// </summary>
    private async Task<TimeSpan?> ProbeAsync(Guid title, Stopwatch watch, CancellationToken isOut)
    {
        TimeSpan? again = TimeSpan.Zero;
        for (var disturbed = false; watch.Elapsed < MaxProbing; await Task.Delay(ProbeInterval, Cancel))
        {
            var asked = watch.Elapsed;
            var (status, _) = await SendAsync(HttpMethod.Get, $"/api/v1/content/{title}");
            if (status != HttpStatusCode.OK)
            {
                disturbed = true;
                continue;
            }

            if (disturbed || watch.Elapsed - asked > SlowAnswer)
                again = watch.Elapsed;

            disturbed = false;
            if (isOut.IsCancellationRequested)
                return again;
        }

        return null;
    }

    private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = metadata.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        var rows = new List<T>();
        while (await reader.ReadAsync(Cancel))
            rows.Add(read(reader));

        return rows;
    }

    private static int PortOf(string writer) => SiloAddress.FromParsableString(writer).Endpoint.Port;

    private static void Say(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
