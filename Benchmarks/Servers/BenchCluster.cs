using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Streaming.Benchmarks.Hosts;
using Streaming.Benchmarks.Load;

namespace Streaming.Benchmarks.Servers;

/// <summary>How many silos and titles, and whether apply steps run apart (<see cref="ApplyApart"/>).</summary>
internal sealed record ClusterLaunch(int Silos, int Titles, bool IsApplyApart = false)
{
    /// <summary>Milliseconds between two apply steps at most; null for the product's own.</summary>
    public int? MaxApplyInterval { get; init; }

    /// <summary>As environment variables of every program, on top of those that every run has.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>Silos and a front as processes of their own on <see cref="BenchServers"/>, with a catalogue of the harness's.</summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private const string MaxApplyIntervalKey = "Ledger__MaxApplyIntervalMilliseconds";
    private const int TouchConnections = 32;
    private static readonly TimeSpan TouchLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CountTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CountPause = TimeSpan.FromMilliseconds(200);

    private readonly ClusterLaunch launch;
    private readonly DataFolder folder = new();
    private readonly Dictionary<string, string> environment;
    private readonly List<BenchSilo> silos = [];
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(5) };
    private readonly Dictionary<int, ChildProcess> fronts = [];

    private BenchCluster(ClusterLaunch launch, BenchServers servers)
    {
        this.launch = launch;
        Servers = servers;
        Catalogue = new BenchCatalogue(servers.Metadata);
        Ids = BenchTitles.Ids(launch.Titles);
        Port = LoopbackPort.Free();
        Api = new StreamingApi(Port);
        environment = new Dictionary<string, string>(servers.Environment)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["RateLimits__Enabled"] = "false",
            ["Cluster__Id"] = Id,
            ["Cluster__DrainSeconds"] = "0",
            ["Media__Path"] = folder.Path,
            ["Media__SigningKey"] = $"{Guid.NewGuid():N}{Guid.NewGuid():N}",
        };
        foreach (var (key, value) in launch.Settings)
            environment[key] = value;

        if (launch.MaxApplyInterval is { } interval && Environment.GetEnvironmentVariable(MaxApplyIntervalKey) is null)
            environment[MaxApplyIntervalKey] = interval.ToString(CultureInfo.InvariantCulture);
    }

    public string Id { get; } = $"bench-{Guid.NewGuid():N}";
    public BenchServers Servers { get; }
    public BenchCatalogue Catalogue { get; }

    /// <summary>All titles, by falling popularity.</summary>
    public Guid[] Ids { get; }

    /// <summary>The first front's.</summary>
    public int Port { get; }

    public StreamingApi Api { get; }
    public IReadOnlyList<BenchSilo> Silos => silos;
    public ChildProcess Front => fronts[Port];

    /// <summary>Their ports.</summary>
    public IReadOnlyCollection<int> Fronts => fronts.Keys;

    public ChildProcess[] Processes => [Front, .. silos.Select(silo => silo.Process)];
    public string Output => string.Join(Environment.NewLine, silos.Select(silo => silo.Process.Output).Concat(fronts.Values.Select(front => front.Output)));

    /// <summary>Starts a cluster, runs <paramref name="work"/> against it and ends it; a failure shows what its programs wrote last.</summary>
    public static async Task<T> UseAsync<T>(ClusterLaunch launch, Func<BenchCluster, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var servers = await BenchServers.CreateAsync(cancellationToken);
        await using var cluster = new BenchCluster(launch, servers);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, launch.Silos).Select(_ => cluster.StartSiloAsync(cancellationToken)));
            await cluster.Catalogue.FillAsync(cluster.Ids, cancellationToken);
            await cluster.StartFrontAsync(cluster.Port, cancellationToken);
            return await work(cluster);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync(cluster.Output);
            throw;
        }
    }

    public async Task<BenchSilo> StartSiloAsync(CancellationToken cancellationToken)
    {
        var port = LoopbackPort.Free();
        string[] role = launch.IsApplyApart ? ["silo", "--apply-apart"] : ["silo"];
        var process = OwnProgram.Start($"silo {port}", role, At(port), "Streaming.Silo");
        var silo = new BenchSilo(port, process, http);
        lock (silos)
            silos.Add(silo);

        using var health = new StreamingApi(port);
        await health.WaitUntilAnsweringAsync(process, StartTimeout, cancellationToken, "/health/ready");
        silo.Address = (await silo.GetFactsAsync(cancellationToken)).Address;
        return silo;
    }

    public Task StartSecondFrontAsync(CancellationToken cancellationToken) => StartFrontAsync(LoopbackPort.Free(), cancellationToken);

    /// <summary>Ends a front and starts another at its port.</summary>
    public async Task RestartFrontAsync(int port, CancellationToken cancellationToken)
    {
        await fronts[port].DisposeAsync();
        await StartFrontAsync(port, cancellationToken);
    }

    /// <summary>Forgets a silo that was killed.</summary>
    public async Task RemoveAsync(BenchSilo silo)
    {
        silos.Remove(silo);
        await silo.Process.DisposeAsync();
    }

    /// <summary>Counts one view of each title.</summary>
    public Task ViewAllAsync(CancellationToken cancellationToken) =>
        OnceAsync(id => RequestBytes.Post(Port, $"/api/v1/content/{id}/views/increment"), cancellationToken);

    /// <summary>Reads each title's details, which wakes its reviews as well.</summary>
    public Task ReadAllAsync(CancellationToken cancellationToken) =>
        OnceAsync(id => RequestBytes.Get(Port, $"/api/v1/content/{id}/details"), cancellationToken);

    /// <inheritdoc cref="ViewPacer"/>
    public async Task<PacedViews> PaceAsync(int rate, int seconds, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsync(At($"/bench/views?rate={rate}&seconds={seconds}&titles={Ids.Length}"), null, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<PacedViews>(cancellationToken))!;
    }

    /// <summary>Ends a load of <see cref="PaceAsync"/> before its time.</summary>
    public async Task<PacedViews> StopPaceAsync(Task<PacedViews> load, CancellationToken cancellationToken)
    {
        using var answer = await http.DeleteAsync(At("/bench/views"), cancellationToken);
        answer.EnsureSuccessStatusCode();
        return await load;
    }

    /// <summary>The address of the silo where each title lives; empty for one that is not active.</summary>
    public async Task<string[]> FindPlacesAsync(CancellationToken cancellationToken) =>
        (await http.GetFromJsonAsync<string[]>(At($"/bench/places?titles={Ids.Length}"), cancellationToken))!;

    public async Task<Dictionary<string, int>> CountActivationsAsync(CancellationToken cancellationToken) =>
        (await http.GetFromJsonAsync<Dictionary<string, int>>(At("/bench/activations"), cancellationToken))!;

    /// <summary>
    /// Holds the cluster to its word in the database itself: once the journal is empty the totals hold every view that was
    /// acknowledged, and beyond those at most the ones whose outcome nobody was told.
    /// </summary>
    public async Task<bool> CheckAsync(long acknowledged, long unknown, CancellationToken cancellationToken)
    {
        var (waiting, counted) = await UntilAppliedAsync(cancellationToken);
        var holds = waiting == 0 && counted >= acknowledged && counted <= acknowledged + unknown;
        var text = $"{acknowledged:N0} acknowledged, {unknown:N0} of unknown outcome, {counted:N0} counted";
        if (holds)
            Console.WriteLine($"checked: {text}");
        else
            await Console.Error.WriteLineAsync($"FAILED: {text}, {waiting:N0} journal rows left{Environment.NewLine}{Output}");
        return holds;
    }

    /// <summary>Waits until the journal is empty; for a bounded time.</summary>
    public async Task<(long Waiting, long Counted)> UntilAppliedAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var count = await Catalogue.CountAsync(cancellationToken);
            if (count.Waiting == 0 || clock.Elapsed > CountTimeout)
                return count;

            await Task.Delay(CountPause, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(fronts.Values.Select(front => front.DisposeAsync().AsTask()));

        await Task.WhenAll(silos.Select(silo => silo.Process.DisposeAsync().AsTask()));
        Api.Dispose();
        http.Dispose();
        folder.Dispose();
    }

    private Task OnceAsync(Func<Guid, byte[]> request, CancellationToken cancellationToken) => LoadGenerator.OnceAsync(
        new LoadPlan(Port, [.. Ids.Select(request)], [.. Enumerable.Range(0, Ids.Length)]), TouchConnections, TouchLimit, cancellationToken);

    private async Task StartFrontAsync(int port, CancellationToken cancellationToken)
    {
        var front = OwnProgram.Start($"front {port}", ["front"], new Dictionary<string, string>(At(port)) { ["Cluster__Mode"] = "Client" }, "Streaming.WebFront");
        fronts[port] = front;
        using var api = new StreamingApi(port);
        await api.WaitUntilAnsweringAsync(front, StartTimeout, cancellationToken);
    }

    private Dictionary<string, string> At(int port) => new(environment) { ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}" };

    private Uri At(string path) => new($"http://127.0.0.1:{Port}{path}");
}

/// <summary>One silo process; <paramref name="port"/> is that of its health routes.</summary>
internal sealed class BenchSilo(int port, ChildProcess process, HttpClient http)
{
    public ChildProcess Process { get; } = process;

    /// <summary>As the membership knows it.</summary>
    public string Address { get; set; } = "";

    public async Task<SiloFacts> GetFactsAsync(CancellationToken cancellationToken) =>
        (await http.GetFromJsonAsync<SiloFacts>(new Uri($"http://127.0.0.1:{port}/bench/silo"), cancellationToken))!;

    /// <summary>A full collection; returns the bytes on the managed heap after it.</summary>
    public async Task<long> CollectAsync(CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/bench/collect"), null, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<long>(cancellationToken);
    }
}
