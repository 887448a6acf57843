using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Streaming.Content;
using Streaming.Reviews;
using Streaming.Viewing;
using Streaming.Viewing.Ledger;

namespace Streaming;

/// <summary>What the grains need besides their stores.</summary>
public static class GrainServices
{
    public static ISiloBuilder AddStreamingGrains(this ISiloBuilder silo)
    {
        silo.Services.AddOptions<ViewingOptions>().BindConfiguration(ViewingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddOptions<LedgerOptions>().BindConfiguration(LedgerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.AddStreamingCalls();
        silo.Services.AddSingleton<KnownTitles>();
        silo.Services.AddSingleton<RatingPrior>();
        silo.Services.AddSingleton<LedgerMetrics>();
        silo.Services.AddSingleton<ViewLedger>();
        silo.Services.AddSingleton<ActivityLedger>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<ViewLedger>());
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<ActivityLedger>());
        silo.Services.AddPlacementDirector<KeySiloPlacement, KeySiloPlacementDirector>();
        return silo;
    }
}
