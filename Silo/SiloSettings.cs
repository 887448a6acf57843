using Microsoft.Extensions.Options;
using Streaming.Audit;
using Streaming.Content;
using Streaming.Ledger;
using Streaming.Media;
using Streaming.Silo.Telemetry;
using Streaming.Storage;
using Streaming.Users;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming.Silo;

/// <summary>The settings that a process with a silo in it, or a client of one, reads.</summary>
public static class SiloSettings
{
    /// <exception cref="StartupException">Some are wrong; a line each.</exception>
    public static void CheckSiloSettings(this WebApplicationBuilder builder, Listeners listeners)
    {
        var settings = new SettingsCheck(builder.Configuration);
        settings.CheckListeners(listeners);
        settings.CheckTelemetry(builder.Configuration, listeners);
        settings.CheckSilo(builder.Environment, ofItsOwn: true);
        settings.Throw();
    }

    /// <param name="ofItsOwn">Whether the process is nothing but this silo.</param>
    public static void CheckSilo(this SettingsCheck settings, IHostEnvironment environment, bool ofItsOwn = false)
    {
        var (cluster, storage) = settings.CheckCluster();
        settings.Rule(() => cluster.CheckSilo(storage.Family, ofItsOwn));
        settings.Section<AuditOptions>(AuditOptions.Section);
        settings.Section<ContentOptions>(ContentOptions.Section);
        settings.Section<ViewingOptions>(ViewingOptions.Section, viewing => new ViewingValidation().Validate(null, viewing));
        var ledger = settings.Section<LedgerOptions>(LedgerOptions.Section);
        settings.Rule(() => CheckApplyIntervals(settings, ledger));
        settings.Section<QuotaOptions>(QuotaOptions.Section);
        settings.Section<VideoOptions>(VideoOptions.Section);
        var accounts = settings.Section<AccountOptions>(AccountOptions.Section);
        settings.Section<FirstAdministratorOptions>(
            FirstAdministratorOptions.Section, first => new FirstAdministratorValidation(Options.Create(accounts)).Validate(null, first));
        settings.Section<SeedOptions>(SeedOptions.Section, seed => new SeedValidation(environment, storage.Family).Validate(null, seed));
        var servers = settings.Section<ConnectionOptions>(ConnectionOptions.Section);
        settings.Section<FederationOptions>(FederationOptions.Section);
        settings.Section<ReplicationOptions>(ReplicationOptions.Section);
        if (storage.Family != StorageFamily.Servers)
            return;

        foreach (var check in servers.Checks())
            settings.Rule(check);
    }

    /// <summary>The longest interval, left alone, gives way to the shortest that is asked for; where both are set, one of them is a mistake.</summary>
    private static void CheckApplyIntervals(SettingsCheck settings, LedgerOptions ledger)
    {
        const string Longest = $"{LedgerOptions.Section}:{nameof(LedgerOptions.MaxApplyIntervalMilliseconds)}";
        if (settings.IsSet(Longest) && ledger.ApplyIntervalMilliseconds > ledger.MaxApplyIntervalMilliseconds)
            throw new StartupException($"{LedgerOptions.Section}:{nameof(LedgerOptions.ApplyIntervalMilliseconds)} ({ledger.ApplyIntervalMilliseconds}) must not be more than {Longest} ({ledger.MaxApplyIntervalMilliseconds}). Correct one of them.");
    }

    /// <summary>What every program of a cluster reads.</summary>
    public static (ClusterOptions Cluster, StorageOptions Storage) CheckCluster(this SettingsCheck settings)
    {
        settings.LogLevels();
        var cluster = settings.Section<ClusterOptions>(ClusterOptions.Section);
        var storage = settings.Section<StorageOptions>(StorageOptions.Section);
        settings.Section<DashboardOptions>(DashboardOptions.Section);
        var media = settings.Section<MediaOptions>(MediaOptions.Section);
        if (media.Store == MediaStoreKind.Cloudinary)
            settings.Section<CloudinaryOptions>(CloudinaryOptions.Section, cloudinary => new CloudinaryValidation().Validate(null, cloudinary));

        return (cluster, storage);
    }
}
