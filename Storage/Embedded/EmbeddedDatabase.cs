using Streaming.Storage.Migrations;

namespace Streaming.Storage.Embedded;

/// <summary>The files of the embedded family, opened and migrated. Open it before anything uses a store.</summary>
internal sealed class EmbeddedDatabase(string path) : IDisposable
{
    /// <summary>Its files in <see cref="DataFolder"/>, which is also the order in which a backup must look at them.</summary>
    public static readonly IReadOnlyList<string> Names = ["journal", "metadata", "reviews", "analytics"];

    private DataFolder? folder;
    private SqliteFile? journal;
    private SqliteFile? metadata;
    private SqliteFile? analytics;
    private SqliteFile? reviews;

    /// <summary>The view journal, in a file of its own.</summary>
    public SqliteFile Journal => Opened(journal);

    /// <summary>The catalogue and the applied views.</summary>
    public SqliteFile Metadata => Opened(metadata);

    /// <summary>Users and their history; joins with the catalogue as <c>metadata</c>.</summary>
    public SqliteFile Analytics => Opened(analytics);

    public SqliteFile Reviews => Opened(reviews);

    /// <exception cref="StartupException">See <see cref="DataFolder.Open"/> and <see cref="Migrator.MigrateAsync"/>.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        folder = DataFolder.Open(path);
        await MigrateAsync(folder, cancellationToken);
        journal = new SqliteFile(folder.FileOf("journal"));
        metadata = new SqliteFile(folder.FileOf("metadata"));
        analytics = new SqliteFile(folder.FileOf("analytics"), ("metadata", folder.FileOf("metadata")));
        reviews = new SqliteFile(folder.FileOf("reviews"));
    }

    /// <exception cref="StartupException">See <see cref="Migrator.MigrateAsync"/>.</exception>
    public static async Task<IReadOnlyList<MigratedSchema>> MigrateAsync(DataFolder folder, CancellationToken cancellationToken)
    {
        var migrated = new List<MigratedSchema>();
        foreach (var name in Names)
        {
            await using var file = SqliteMigratedDatabase.Open(folder.FileOf(name));
            var migration = await Migrator.MigrateAsync(file, MigrationScript.In($"sqlite/{name}"), cancellationToken);
            migrated.Add(new MigratedSchema(folder.FileOf(name), migration.From, migration.To));
        }

        return migrated;
    }

    public void Dispose()
    {
        journal?.Dispose();
        metadata?.Dispose();
        analytics?.Dispose();
        reviews?.Dispose();
        folder?.Dispose();
    }

    private static SqliteFile Opened(SqliteFile? file) => file ?? throw new InvalidOperationException("The embedded database is not open yet.");
}
