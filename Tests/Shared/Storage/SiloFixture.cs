using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;
using Orleans.TestingHost;
using Streaming.Audit;
using Streaming.Content;
using Streaming.Ledger;
using Streaming.Reviews;
using Streaming.Tests.Videos;
using Streaming.Users;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming.Tests.Storage;

/// <summary>
/// One silo in this process over a fixture's stores and by its clock. Timers run by the system's clock, so the silo's
/// background steps go on by themselves; what tests await of them, they poll for.
/// </summary>
public class SiloFixture : IAsyncLifetime
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, string?> settings = new()
    {
        ["Ledger:ApplyIntervalMilliseconds"] = "10",
        ["Ledger:MaxApplyIntervalMilliseconds"] = "10",
        // Tests of the reaper shorten it; it must not take what others made due.
        ["Videos:SweepSeconds"] = "3600",
    };

    private InProcessTestCluster? cluster;

    public SiloFixture()
        : this(new EmbeddedFixture())
    {
    }

    protected SiloFixture(StoreFixture stores, params ReadOnlySpan<(string Key, string Value)> settings)
    {
        Stores = stores;
        foreach (var (key, value) in settings)
            this.settings[key] = value;
    }

    public StoreFixture Stores { get; }

    public Samples Samples { get; } = new();

    /// <summary>The silo's own services.</summary>
    public IServiceProvider Services => cluster!.Silos[0].ServiceProvider;

    public IGrainFactory Grains => cluster!.Client;

    public ViewLedgerClient Recorder { get; private set; } = null!;

    /// <summary>The journal that the silo uses; a test may put a double before the store's.</summary>
    public IViewJournal? Journal { get; set; }

    /// <summary>Where the silo's activity ledger writes; likewise.</summary>
    public IActivityBatchStore? Activity { get; set; }

    /// <summary>The review store that the silo uses; likewise.</summary>
    public IReviewStore? Reviews { get; set; }

    /// <summary>The store of access changes and keys that the silo uses; likewise.</summary>
    public IAccessStore? Access { get; set; }

    /// <summary>What hashes passwords, where that is not the framework's own.</summary>
    public IPasswordHasher<Account>? Passwords { get; set; }

    /// <summary>The log store that the silo uses; likewise.</summary>
    public ILogStore? Logs { get; set; }

    /// <summary>Where the silo keeps who watches now; in memory without one.</summary>
    public IGrainStorage? Presence { get; set; }

    /// <summary>The store of videos' rows that the silo uses; likewise.</summary>
    public IVideoStore? Videos { get; set; }

    /// <summary>What a test's silo has otherwise.</summary>
    public Action<ISiloBuilder>? Configure { get; set; }

    /// <summary>Whose media are removed is noted there.</summary>
    internal MediaDouble Media { get; } = new();

    /// <summary>A silo of a test's own, that long-lived background steps do not disturb.</summary>
    public static async Task<SiloFixture> StartAsync(
        StoreFixture? stores = null,
        IViewJournal? journal = null,
        IActivityBatchStore? activity = null,
        IReviewStore? reviews = null,
        IGrainStorage? presence = null,
        IAccessStore? access = null,
        IPasswordHasher<Account>? passwords = null,
        IVideoStore? videos = null,
        Action<ISiloBuilder>? configure = null,
        params (string Key, string Value)[] settings)
    {
        var silo = new SiloFixture(stores ?? new EmbeddedFixture(), settings)
        {
            Journal = journal,
            Activity = activity,
            Reviews = reviews,
            Presence = presence,
            Access = access,
            Passwords = passwords,
            Videos = videos,
            Configure = configure,
        };
        await silo.InitializeAsync();
        return silo;
    }

    public async ValueTask InitializeAsync()
    {
        // A test that brings a double has opened the stores that it stands on.
        if (Journal is null && Activity is null && Reviews is null && Access is null && Videos is null && Configure is null)
            await Stores.OpenAsync();

        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSiloHost((_, host) =>
        {
            host.Configuration.AddInMemoryCollection(settings);
            host.Logging.SetMinimumLevel(LogLevel.None);
        });
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<TimeProvider>(new StoreClock(Stores));
            silo.Services.AddSingleton(Stores.Content);
            silo.Services.AddSingleton(Stores.Users);
            silo.Services.AddSingleton(Stores.Accounts);
            silo.Services.AddSingleton(Stores.Sessions);
            silo.Services.AddSingleton(Access ?? Stores.Access);
            silo.Services.AddSingleton(Reviews ?? Stores.Reviews);
            silo.Services.AddSingleton(Stores.Activity);
            silo.Services.AddSingleton(Activity ?? Stores.ActivityBatches);
            silo.Services.AddSingleton(Stores.WatchTime);
            silo.Services.AddSingleton(Stores.Trending);
            silo.Services.AddSingleton(Journal ?? Stores.Journal);
            silo.Services.AddSingleton(Logs ?? Stores.Logs);
            silo.Services.AddSingleton(Videos ?? Stores.Videos);
            silo.Services.AddSingleton(Stores.VideoLists);
            silo.Services.AddSingleton(Stores.VideoRemovals);
            silo.Services.AddSingleton(Stores.VideoInspections);
            silo.Services.AddSingleton(Stores.Quotas);
            silo.Services.AddSingleton<IMediaStore>(Media);
            silo.UseInMemoryReminderService();
            silo.AddMemoryGrainStorageAsDefault();
            silo.AddMemoryGrainStorage(GrainStorage.Presence);
            if (Presence is not null)
                silo.Services.AddKeyedSingleton(GrainStorage.Presence, Presence);

            if (Passwords is not null)
                silo.Services.AddSingleton(Passwords);

            silo.AddStreamingGrains();
            Configure?.Invoke(silo);
        });
        cluster = builder.Build();
        await cluster.DeployAsync();
        Recorder = new ViewLedgerClient(cluster.Client, new GrainReferences<IContentGrain>(cluster.Client), NullLogger<ViewLedgerClient>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await StopAsync();
        await Stores.DisposeAsync();
    }

    /// <summary>Ends the silo as an operator does; the stores stay.</summary>
    public async Task StopAsync()
    {
        if (cluster is not null)
            await cluster.DisposeAsync();

        cluster = null;
    }

    /// <summary>Ends the silo without a chance to finish what it does; the stores stay.</summary>
    public async Task KillAsync()
    {
        await cluster!.KillSiloAsync(cluster.Silos[0]);
        await StopAsync();
    }

    public Task DeactivateAsync(IAddressable grain) => cluster!.DeactivateAsync(grain);

    public IContentGrain Content(Guid id) => Grains.GetGrain<IContentGrain>(id);

    public IViewBatchGrain Batches => Grains.GetGrain<IViewBatchGrain>(0);

    public async Task<Guid> AddTitleAsync(string name = "A title", int? minutes = null)
    {
        var id = Samples.Id();
        var title = Samples.Title(id, name);
        await Stores.AddTitleAsync(title with { Row = title.Row with { DurationMinutes = minutes } });
        return id;
    }

    public async Task<Guid> AddUserAsync(string name = "somebody")
    {
        var id = Samples.Id();
        await Stores.AddUserAsync(id, name);
        return id;
    }

    public async Task<long> LiveAsync(Guid title) => (await Content(title).GetDetailsAsync())!.Views;

    /// <summary>Waits until the title's applied total is what it should be.</summary>
    public async Task UntilAppliedAsync(Guid title, long total)
    {
        using var giveUp = new CancellationTokenSource(LongEnough);
        long now;
        while ((now = await Stores.Journal.GetTotalAsync(title, CancellationToken.None)) != total)
            Assert.False(giveUp.IsCancellationRequested || now > total, $"The applied total is {now}, not {total}.");
    }

    private sealed class StoreClock(StoreFixture stores) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => stores.Now;
    }
}
