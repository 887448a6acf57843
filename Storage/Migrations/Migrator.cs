namespace Streaming.Storage.Migrations;

/// <summary>Brings databases of both families to the newest schema.</summary>
internal static class Migrator
{
    /// <summary>
    /// Applies the scripts that the database lacks, by number, each in a transaction with its record. The database's lock
    /// is held from then on, so that the caller may add steps that no transaction can hold.
    /// </summary>
    /// <returns>The scripts that were applied.</returns>
    /// <exception cref="StartupException">The database is of a newer program, or a script was changed after it was applied, or fails.</exception>
    public static async Task<IReadOnlyList<MigrationScript>> MigrateAsync(
        IMigratedDatabase database, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        await database.LockAsync(cancellationToken);
        var missing = await FindMissingAsync(database, scripts, cancellationToken);
        foreach (var script in missing)
            await database.ApplyAsync(script, cancellationToken);

        return missing;
    }

    /// <summary>Changes nothing.</summary>
    /// <exception cref="StartupException">The database is not exactly what the scripts make.</exception>
    public static async Task CheckAsync(
        IMigratedDatabase database, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        if (await FindMissingAsync(database, scripts, cancellationToken) is [var first, ..] missing)
            throw new StartupException($"{database.Name} lacks {missing.Count} scripts, from {first.Name} on, and Storage:Migrate is off. Migrate it, or switch that on.");
    }

    private static async Task<IReadOnlyList<MigrationScript>> FindMissingAsync(
        IMigratedDatabase database, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        var applied = await database.GetAppliedAsync(cancellationToken);
        var newest = scripts.Count == 0 ? 0 : scripts[^1].Version;
        if (applied.Newest > newest)
            throw new StartupException($"{database.Name} has schema version {applied.Newest}, this program knows {newest}. Use the newer program that wrote it.");

        if (scripts.FirstOrDefault(applied.Contradict) is { } changed)
            throw new StartupException($"{database.Name} was made by another {changed.Name} than this program's. Use the program that made it, or give this one a database of its own.");

        return [.. scripts.Where(script => !applied.Contain(script))];
    }
}
