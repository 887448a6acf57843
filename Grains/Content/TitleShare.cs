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
        await MoveAsync(leaving.Take(WaveSize).ToList(), active, cancellationToken);
    }

    /// <summary>Where it fails the same wave is tried again by the next round.</summary>
    private async Task MoveAsync(List<(Guid Title, SiloAddress Target)> wave, HashSet<SiloAddress> active, CancellationToken cancellationToken)
    {
        // Who has left again since gets nothing.
        var targets = wave.Where(title => active.Contains(title.Target)).ToDictionary();
        if (targets.Count > 0)
        {
            var ready = await ledger.MoveAsync([.. targets.Keys], cancellationToken);
            await Task.WhenAll(ready.Select(title => MoveAsync(title, targets[title])));
        }

        for (var i = 0; i < wave.Count; i++)
            leaving.Dequeue();
    }

    /// <summary>A title that does not go takes views where it is.</summary>
    private async Task MoveAsync(Guid title, SiloAddress target)
    {
        try
        {
            await grains.GetGrain<IContentGrain>(title).MoveAsync(target).AsTask().WaitAsync(Patience);
        }
        catch (Exception e)
        {
            LogNotMoved(logger, title, target, e);
            ledger.Stay(title);
        }
    }

    private void Choose(SiloAddress joined, int silos)
    {
        var chosen = ledger.Titles.Where(_ => Random.Shared.Next(silos) == 0).Except(leaving.Select(title => title.Title)).ToList();
        chosen.ForEach(title => leaving.Enqueue((title, joined)));
        if (chosen.Count > 0)
            LogGives(logger, joined, chosen.Count);
    }

    [LoggerMessage(LogLevel.Information, "Silo {Silo} has joined and gets {Titles} of the titles here.")]
    private static partial void LogGives(ILogger logger, SiloAddress silo, int titles);

    [LoggerMessage(LogLevel.Debug, "Title {ContentId} has not gone to silo {Silo}.")]
    private static partial void LogNotMoved(ILogger logger, Guid contentId, SiloAddress silo, Exception exception);
}
