namespace Streaming.Storage.Migrations;

/// <summary>Brings databases of both families to the newest schema.</summary>
internal static class Migrator
{
    /// <summary>
    /// Applies the scripts that the database lacks, by number, each in a transaction with its record. The database's lock
    /// is held from then on, so that the caller may add steps that no transaction can hold.
    /// </summary>
    /// <exception cref="StartupException">
    /// The database is of a newer program that left nothing for this one, or a script was changed after it was applied, or fails.
    /// </exception>
    public static async Task<Migration> MigrateAsync(
        IMigratedDatabase database, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        await database.LockAsync(cancellationToken);
        var migration = await PlanAsync(database, scripts, cancellationToken);
        foreach (var script in migration.Scripts)
            await database.ApplyAsync(script, cancellationToken);

        return migration;
    }

    /// <summary>Changes nothing.</summary>
    /// <exception cref="StartupException">The database lacks scripts, or this program cannot work with it.</exception>
    public static async Task<Migration> CheckAsync(
        IMigratedDatabase database, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        var migration = await PlanAsync(database, scripts, cancellationToken);
        return migration.Scripts is [var first, ..] missing
            ? throw new StartupException($"{database.Name} lacks {missing.Count} scripts, from {first.Name} on, and Storage:Migrate is off. Run the command migrate, or switch that on.")
            : migration;
    }

    /// <summary>What a migration would do. Changes nothing.</summary>
    /// <exception cref="StartupException">This program cannot work with the database, nor make it so that it can.</exception>
    public static async Task<Migration> PlanAsync(
        IMigratedDatabase database, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        var applied = await database.GetAppliedAsync(cancellationToken);
        var known = scripts.Count == 0 ? 0 : scripts[^1].Version;
        if (applied.Newest > known && applied.MinCompatible(known) is var needed && needed > known)
            throw new StartupException($"{database.Name} has schema version {applied.Newest}, which needs a program that knows {needed}, and this program knows {known}. Use the newer program that wrote it.");

        if (scripts.FirstOrDefault(applied.Contradict) is { } changed)
            throw new StartupException($"{database.Name} was made by another {changed.Name} than this program's. Use the program that made it, or give this one a database of its own.");

        return new Migration(applied.Newest, known, [.. scripts.Where(script => !applied.Contain(script))]);
    }
}

/// <param name="From">The version that the database has had.</param>
/// <param name="Known">The newest that this program knows.</param>
/// <param name="Scripts">What it lacked, by number.</param>
internal sealed record Migration(int From, int Known, IReadOnlyList<MigrationScript> Scripts)
{
    /// <summary>A newer program has been here. What it set up besides its scripts must stay.</summary>
    public bool IsOfNewerProgram => From > Known;

    public int To => Math.Max(From, Known);
}
