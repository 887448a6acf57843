using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Streaming.Audit;
using Streaming.Content;
using Streaming.Ledger;
using Streaming.Reviews;
using Streaming.Users;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming;

/// <summary>What the grains need besides their stores.</summary>
public static class GrainServices
{
    public static ISiloBuilder AddStreamingGrains(this ISiloBuilder silo)
    {
        silo.Services.AddSettings<ContentOptions>(ContentOptions.Section);
        silo.Services.AddSettings<ViewingOptions>(ViewingOptions.Section);
        silo.Services.AddSingleton<IValidateOptions<ViewingOptions>, ViewingValidation>();
        silo.Services.AddSettings<LedgerOptions>(LedgerOptions.Section);
        silo.Services.AddSettings<AccountOptions>(AccountOptions.Section);
        silo.Services.AddSettings<FirstAdministratorOptions>(FirstAdministratorOptions.Section);
        silo.Services.AddSingleton<IValidateOptions<FirstAdministratorOptions>, FirstAdministratorValidation>();
        silo.Services.AddSettings<AuditOptions>(AuditOptions.Section);
        silo.Services.AddSettings<QuotaOptions>(QuotaOptions.Section);
        silo.Services.AddSettings<VideoOptions>(VideoOptions.Section);
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.AddStreamingCalls();
        silo.Services.AddHostedService<LogRetention>();
        silo.Services.AddHostedService<WatchTimePublisher>();
        silo.Services.AddSingleton<KnownTitles>();
        silo.Services.AddSingleton<RatingPrior>();
        silo.Services.AddSingleton<NewestReviews>();
        silo.Services.AddSingleton<DetailsCache>();
        silo.Services.AddSingleton<LedgerMetrics>();
        silo.Services.AddSingleton<ILedgerCluster, SiloLedgerCluster>();
        silo.Services.AddSingleton<ViewLedger>();
        silo.Services.AddSingleton<ActivityLedger>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ViewLedgerLifetime>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, TitleShare>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<ActivityLedger>());
        silo.Services.TryAddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>();
        silo.Services.AddOptions<PasswordHasherOptions>().Configure<IOptions<AccountOptions>>((hasher, accounts) =>
            hasher.IterationCount = accounts.Value.HashIterations);
        silo.Services.AddSingleton<PasswordMetrics>();
        silo.Services.AddSingleton<PasswordHashing>();
        silo.Services.AddSingleton<RevocationNotifier>();
        silo.Services.AddSingleton<UserDataErasure>();
        silo.Services.AddSingleton<UserDataExport>();
        silo.Services.AddSingleton<VideoChangeNotifier>();
        silo.Services.AddSingleton<QuotaMetrics>();
        silo.Services.AddHostedService<VideoReaperService>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, FirstAdministrator>();
        silo.Services.AddPlacementDirector<KeySiloPlacement, KeySiloPlacementDirector>();
        return silo;
    }
}
