using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Storage;
using Streaming.Content;

namespace Streaming.Viewing;

/// <summary>Sessions by when they last sent a heartbeat.</summary>
[GenerateSerializer, Alias("presence-state")]
internal sealed class PresenceState
{
    [Id(0)]
    public Dictionary<Guid, DateTimeOffset> Sessions { get; set; } = [];
}

/// <summary>
/// Its state is read and written by hand: an injected one would fail the activation while its store is away, and who
/// watches now is worth no failure.
/// </summary>
internal sealed partial class PresenceGrain(
    [FromKeyedServices(GrainStorage.Presence)] IGrainStorage storage,
    IGrainFactory grains,
    IOptions<ViewingOptions> options,
    TimeProvider time,
    ILogger<PresenceGrain> logger) : Grain, IPresenceGrain
{
    // 40 bytes each; a title that more people watch at once shows this number.
    private const int MaxSessions = 50_000;
    private const string StateName = "presence";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StorageTimeout = TimeSpan.FromSeconds(2);

    private readonly GrainState<PresenceState> state = new(new PresenceState());
    private int told;
    private DateTimeOffset toldAt;
    private bool isRead;
    private bool changed;

    // A storage may leave nothing after a clear.
    private Dictionary<Guid, DateTimeOffset> Sessions => (state.State ??= new PresenceState()).Sessions;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await ReadAsync();
        // Does not keep the activation alive: where no session is left there is nothing to tell.
        this.RegisterGrainTimer(static (grain, _) => grain.RefreshAsync(), this, new GrainTimerCreationOptions(Interval, Interval));
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => KeepAsync();

    public Task HeardAsync(Guid sessionId)
    {
        if (Sessions.Count >= MaxSessions && !Sessions.ContainsKey(sessionId))
            return Task.CompletedTask;

        Sessions[sessionId] = time.GetUtcNow();
        changed = true;
        return Sessions.Count > told && told == 0 ? TellAsync() : Task.CompletedTask;
    }

    public Task LeftAsync(Guid sessionId)
    {
        if (!Sessions.Remove(sessionId))
            return Task.CompletedTask;

        changed = true;
        return TellAsync();
    }

    public ValueTask<int> CountAsync()
    {
        Forget();
        // Each activation of a title asks, and most have none.
        if (Sessions.Count == 0 && !changed)
            DeactivateOnIdle();

        return ValueTask.FromResult(Sessions.Count);
    }

    private async Task RefreshAsync()
    {
        Forget();
        // Again after a while though nothing has changed: the title may be active elsewhere by now.
        if (Sessions.Count != told || (told > 0 && time.GetUtcNow() - toldAt >= WatchingNow.Lifetime / 2))
            await TellAsync();

        await KeepAsync();
    }

    private async Task TellAsync()
    {
        (told, toldAt) = (Sessions.Count, time.GetUtcNow());
        await grains.GetGrain<IContentGrain>(this.GetPrimaryKey()).WatchingChangedAsync(told);
    }

    private void Forget()
    {
        var before = time.GetUtcNow() - TimeSpan.FromSeconds(options.Value.PresenceSeconds);
        foreach (var (session, heard) in Sessions)
        {
            if (heard < before)
                changed |= Sessions.Remove(session);
        }
    }

    private async Task KeepAsync()
    {
        if (!changed)
            return;

        if (!isRead)
            await ReadAsync();

        if (!isRead)
            return;

        changed = false;
        if (!await TryStoreAsync(() => Sessions.Count == 0
            ? storage.ClearStateAsync(StateName, this.GetGrainId(), state)
            : storage.WriteStateAsync(StateName, this.GetGrainId(), state)))
        {
            // Written or not, or by another activation meanwhile: the next write needs the ETag that is there now.
            (changed, isRead) = (true, false);
        }
    }

    /// <summary>Adds what is kept to what is known.</summary>
    private async Task ReadAsync()
    {
        var kept = new GrainState<PresenceState>(new PresenceState());
        isRead = await TryStoreAsync(() => storage.ReadStateAsync(StateName, this.GetGrainId(), kept));
        if (!isRead)
            return;

        (state.ETag, state.RecordExists) = (kept.ETag, kept.RecordExists);
        foreach (var (session, heard) in kept.State?.Sessions ?? [])
        {
            if (!Sessions.TryGetValue(session, out var known) || known < heard)
                Sessions[session] = heard;
        }
    }

    private async Task<bool> TryStoreAsync(Func<Task> work)
    {
        try
        {
            await work().WaitAsync(StorageTimeout, time);
            return true;
        }
        catch (Exception e)
        {
            LogNotKept(logger, e.GetType().Name);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Debug, "Who watches a title now could not be read or kept ({Reason}); the number starts anew after a restart.")]
    private static partial void LogNotKept(ILogger logger, string reason);
}
