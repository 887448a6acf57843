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
        silo.Services.AddOptions<ContentOptions>().BindConfiguration(ContentOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddOptions<ViewingOptions>().BindConfiguration(ViewingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddSingleton<IValidateOptions<ViewingOptions>, ViewingValidation>();
        silo.Services.AddOptions<LedgerOptions>().BindConfiguration(LedgerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddOptions<AccountOptions>().BindConfiguration(AccountOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddOptions<FirstAdministratorOptions>().BindConfiguration(FirstAdministratorOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddSingleton<IValidateOptions<FirstAdministratorOptions>, FirstAdministratorValidation>();
        silo.Services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddOptions<QuotaOptions>().BindConfiguration(QuotaOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddOptions<VideoOptions>().BindConfiguration(VideoOptions.Section).ValidateDataAnnotations().ValidateOnStart();
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
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredService<ActivityLedger>());
        silo.Services.TryAddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>();
        silo.Services.AddOptions<PasswordHasherOptions>().Configure<IOptions<AccountOptions>>((hasher, accounts) =>
            hasher.IterationCount = accounts.Value.HashIterations);
        silo.Services.AddSingleton<PasswordMetrics>();
        silo.Services.AddSingleton<PasswordHashing>();
        silo.Services.AddSingleton<AccessNews>();
        silo.Services.AddSingleton<PersonalRemoval>();
        silo.Services.AddSingleton<PersonalExport>();
        silo.Services.AddSingleton<VideoNews>();
        silo.Services.AddHostedService<VideoKeeping>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, FirstAdministrator>();
        silo.Services.AddPlacementDirector<KeySiloPlacement, KeySiloPlacementDirector>();
        return silo;
    }
}
