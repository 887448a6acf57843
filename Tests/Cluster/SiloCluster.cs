using System.Globalization;
using Npgsql;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>
/// A cluster of real silo processes and fronts on the databases of <see cref="TestServers"/>, with an id of its own, so that rows
/// of other tests mean nothing to it.
/// </summary>
/// <param name="settings">Of all its programs, as environment variables.</param>
internal sealed class SiloCluster(params (string Name, string Value)[] settings) : IAsyncDisposable
{
    private readonly List<ProgramProcess> programs = [];

    // Without a pool: tests restart the server under it.
    private readonly NpgsqlDataSource orleans = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(TestServers.Orleans) { Pooling = false });

    private readonly TemporaryFolder media = new();

    /// <summary>Where the programs are that it starts from now on, each in a folder of its name; null for this build's.</summary>
    public string? Build { get; set; }

    /// <summary>The media folder of all its programs.</summary>
    public string MediaFolder => media.Path;

    /// <summary>All that were ever started.</summary>
    public IReadOnlyList<ProgramProcess> Programs => programs;

    public string Id { get; } = $"test-{Guid.NewGuid():N}";

    /// <summary>Starts silos at the same time and waits until all are members.</summary>
    public async Task<SiloProcess[]> StartSilosAsync(int count)
    {
        var silos = Enumerable.Range(0, count).Select(_ => LaunchSilo()).ToArray();
        await Task.WhenAll(silos.Select(silo => silo.UntilReadyAsync()));
        return silos;
    }

    public async Task<SiloProcess> StartSiloAsync(params (string Name, string Value)[] own)
    {
        var silo = LaunchSilo(own);
        await silo.UntilReadyAsync();
        return silo;
    }

    /// <summary>Starts a silo and does not wait.</summary>
    public SiloProcess LaunchSilo(params (string Name, string Value)[] own) => LaunchSilo(SiloPorts.Take(), own);

    /// <summary>The same, at ports that another had.</summary>
    public SiloProcess LaunchSilo(SiloPorts ports, params (string Name, string Value)[] own)
    {
        var silo = new SiloProcess(ports, [.. Settings(), .. own], FolderOf("Silo"));
        programs.Add(silo);
        return silo;
    }

    public async Task<FrontProcess> StartFrontAsync(params (string Name, string Value)[] own)
    {
        var front = LaunchFront(own);
        await front.UntilReadyAsync();
        return front;
    }

    public FrontProcess LaunchFront(params (string Name, string Value)[] own) => LaunchFront(LoopbackPort.Take(), own);

    /// <summary>The same, at a port that another had.</summary>
    public FrontProcess LaunchFront(int port, params (string Name, string Value)[] own)
    {
        var front = new FrontProcess(port, [.. Settings(), .. own], FolderOf("WebFront"));
        programs.Add(front);
        return front;
    }

    /// <summary>What the membership table says of a silo; null where it has no row.</summary>
    public async Task<SiloStatus?> StatusOfAsync(SiloProcess silo)
    {
        await using var select = orleans.CreateCommand("SELECT max(Status) FROM OrleansMembershipTable WHERE DeploymentId = $1 AND Port = $2");
        select.Parameters.Add(new NpgsqlParameter { Value = Id });
        select.Parameters.Add(new NpgsqlParameter { Value = silo.Ports.Silo });
        return await select.ExecuteScalarAsync(TestContext.Current.CancellationToken) is int status ? (SiloStatus)status : null;
    }

    /// <summary>Rows of the cluster in the membership table, whatever their status.</summary>
    public async Task<long> CountMembersAsync()
    {
        await using var select = orleans.CreateCommand("SELECT count(*) FROM OrleansMembershipTable WHERE DeploymentId = $1");
        select.Parameters.Add(new NpgsqlParameter { Value = Id });
        return (long)(await select.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>What its active silos call themselves.</summary>
    public async Task<List<string>> NamesAsync()
    {
        await using var select = orleans.CreateCommand("SELECT SiloName FROM OrleansMembershipTable WHERE DeploymentId = $1 AND Status = $2 ORDER BY SiloName");
        select.Parameters.Add(new NpgsqlParameter { Value = Id });
        select.Parameters.Add(new NpgsqlParameter { Value = (int)SiloStatus.Active });
        await using var reader = await select.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var names = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            names.Add(reader.GetString(0));

        return names;
    }

    /// <summary>Waits until the silo is out of the membership.</summary>
    public Task UntilGoneAsync(SiloProcess silo) => Poll.UntilAsync(
        async () => await StatusOfAsync(silo) is { } status and not SiloStatus.Dead ? $"silo {silo.Ports.Silo} is {status}" : null);

    public async ValueTask DisposeAsync()
    {
        foreach (var program in programs)
            await program.DisposeAsync();

        // Programs on other databases have made no table here.
        await using var find = orleans.CreateCommand("SELECT to_regclass('OrleansMembershipTable') IS NOT NULL");
        if (await find.ExecuteScalarAsync() is true)
        {
            await using var delete = orleans.CreateCommand("DELETE FROM OrleansMembershipTable WHERE DeploymentId = $1");
            delete.Parameters.Add(new NpgsqlParameter { Value = Id });
            await delete.ExecuteNonQueryAsync();
        }

        await orleans.DisposeAsync();
        media.Dispose();
    }

    private string? FolderOf(string program) => Build is null ? null : Path.Combine(Build, program, "bin", "Release", "net10.0");

    private IEnumerable<(string Name, string Value)> Settings() =>
    [
        .. TestServers.Settings.Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value)),
        ("Cluster__Id", Id),
        ("Cluster__DrainSeconds", "1"),
        ("Media__Path", media.Path),
        ("Auth__SigningKey", "one key that all fronts of this cluster have"),
        .. settings,
    ];
}

/// <summary>Where a silo listens: for other silos, for fronts, and for questions about its health.</summary>
internal sealed record SiloPorts(int Silo, int Gateway, int Http)
{
    public static SiloPorts Take() => new(LoopbackPort.Take(), LoopbackPort.Take(), LoopbackPort.Take());
}

/// <summary>A cluster node on loopback.</summary>
internal sealed class SiloProcess(SiloPorts ports, IEnumerable<(string Name, string Value)> settings, string? folder = null)
    : ProgramProcess(
        "Streaming.Silo", ports.Http,
        [
            ("Cluster__SiloPort", ports.Silo.ToString(CultureInfo.InvariantCulture)),
            ("Cluster__GatewayPort", ports.Gateway.ToString(CultureInfo.InvariantCulture)),
            .. settings,
        ],
        folder: folder)
{
    public SiloProcess(IEnumerable<(string Name, string Value)> settings)
        : this(SiloPorts.Take(), settings)
    {
    }

    public SiloPorts Ports => ports;

    /// <summary>Stops its clock, as a paused virtual machine does.</summary>
    public void Pause() => Signal(NativeMethods.Stop);

    public void Continue() => Signal(NativeMethods.Continue);
}

/// <summary>A front that is a client of the cluster's silos.</summary>
internal sealed class FrontProcess(int port, IEnumerable<(string Name, string Value)> settings, string? folder = null)
    : ProgramProcess("Streaming.WebFront", port, [("Cluster__Mode", "Client"), .. settings], folder: folder)
{
    public FrontProcess(IEnumerable<(string Name, string Value)> settings)
        : this(LoopbackPort.Take(), settings)
    {
    }
}
