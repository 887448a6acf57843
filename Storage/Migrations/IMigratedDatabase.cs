namespace Streaming.Storage.Migrations;

/// <summary>
/// A connection to a database that numbered scripts make. Failures come as <see cref="StartupException"/>s that say what
/// to do; nothing of the driver's gets out.
/// </summary>
internal interface IMigratedDatabase : IAsyncDisposable
{
    /// <summary>What messages call it, as the subject of a sentence.</summary>
    string Name { get; }

    /// <summary>Keeps other processes from migrating it until this connection is disposed of. Waits for one that does, for a bounded time.</summary>
    Task LockAsync(CancellationToken cancellationToken);

    Task<AppliedScripts> GetAppliedAsync(CancellationToken cancellationToken);

    /// <summary>Runs the script and records it, in one transaction.</summary>
    Task ApplyAsync(MigrationScript script, CancellationToken cancellationToken);
}

/// <param name="Newest">The highest version applied; 0 for a database without a schema.</param>
/// <param name="Checksums">By version; null where the database records the newest version alone.</param>
/// <param name="MinCompatibles">By version, of scripts that were applied with it: see <see cref="MigrationScript.MinCompatible"/>.</param>
internal sealed record AppliedScripts(int Newest, IReadOnlyDictionary<int, string>? Checksums, IReadOnlyDictionary<int, int> MinCompatibles)
{
    public bool Contain(MigrationScript script) => Checksums?.ContainsKey(script.Version) ?? script.Version <= Newest;

    public bool Contradict(MigrationScript script) =>
        Checksums is not null && Checksums.TryGetValue(script.Version, out var checksum) && checksum != script.Checksum;

    /// <summary>The oldest program, by the schema that it knows, that works with what is there beyond the known version.</summary>
    public int MinCompatible(int known) => MinCompatibles.Where(script => script.Key > known).Select(script => script.Value)
        .Append(MinCompatibles.ContainsKey(Newest) ? 0 : Newest).Max();
}
