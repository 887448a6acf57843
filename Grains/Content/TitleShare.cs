using Microsoft.Extensions.Logging;
using Streaming.Ledger;

namespace Streaming.Content;

/// <summary>
/// Gives a silo that joins its share of the titles that are active here: of n silos each title goes to it with a chance of 1 in n. Orleans places
/// new activations alone, and a popular title never ends by itself. Titles go in waves, each once its views are in its total, so that nobody sees fewer.
/// </summary>
internal sealed partial class TitleShare(
    ViewLedger ledger,
    IGrainFactory grains,
    IClusterMembershipService membership,
    ILocalSiloDetails self,
    BackgroundLoops loops,
    ILogger<TitleShare> logger) : ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    private const int WaveSize = 500;
    private static readonly LoopSchedule Schedule = new("title_share", TimeSpan.FromSeconds(1));
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Queue<(Guid Title, SiloAddress Target)> leaving = [];
    private HashSet<SiloAddress>? known;
    private PeriodicLoop? loop;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(TitleShare), ServiceLifecycleStage.Active, Start, StopAsync);

    public ValueTask DisposeAsync() => loop?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Task Start(CancellationToken cancellationToken)
    {
        loop = loops.Create(Schedule, RunRoundAsync, logger);
        loop.Start();
        return Task.CompletedTask;
    }

    private Task StopAsync(CancellationToken cancellationToken) => loop?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    private async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        var active = membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress).ToHashSet();
        foreach (var joined in active.Where(silo => known?.Contains(silo) == false && !silo.Equals(self.SiloAddress)))
            Choose(joined, active.Count);

        known = active;
        var wave = new List<(Guid Title, SiloAddress Target)>();
        while (wave.Count < WaveSize && leaving.TryDequeue(out var next))
        {
            if (active.Contains(next.Target))
                wave.Add(next);
        }

        if (wave.Count == 0)
            return;

        var moved = new bool[wave.Count];
        try
        {
            await ledger.MoveAsync(wave.Select(title => title.Title), cancellationToken);
            moved = await Task.WhenAll(wave.Select(title => TryMoveAsync(title.Title, title.Target)));
        }
        finally
        {
            // It would take no views where it is.
            for (var i = 0; i < moved.Length; i++)
            {
                if (!moved[i])
                    ledger.Stay(wave[i].Title);
            }
        }
    }

    private async Task<bool> TryMoveAsync(Guid title, SiloAddress target)
    {
        try
        {
            await grains.GetGrain<IContentGrain>(title).MoveAsync(target).AsTask().WaitAsync(Patience);
            return true;
        }
        catch (Exception e)
        {
            LogNotMoved(logger, title, target, e);
            return false;
        }
    }

    private void Choose(SiloAddress joined, int silos)
    {
        var before = leaving.Count;
        foreach (var title in ledger.Titles.Where(_ => Random.Shared.Next(silos) == 0))
            leaving.Enqueue((title, joined));

        if (leaving.Count > before)
            LogGives(logger, joined, leaving.Count - before);
    }

    [LoggerMessage(LogLevel.Information, "Silo {Silo} has joined and gets {Titles} of the titles here.")]
    private static partial void LogGives(ILogger logger, SiloAddress silo, int titles);

    [LoggerMessage(LogLevel.Debug, "Title {ContentId} has not gone to silo {Silo}.")]
    private static partial void LogNotMoved(ILogger logger, Guid contentId, SiloAddress silo, Exception exception);
}
