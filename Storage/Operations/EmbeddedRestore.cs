using Microsoft.Data.Sqlite;
using Streaming.Storage.Embedded;
using Streaming.Storage.Migrations;

namespace Streaming.Storage.Operations;

/// <summary>Makes a data folder of a backup.</summary>
public static class EmbeddedRestore
{
    /// <param name="folders">Empty, or not there.</param>
    /// <exception cref="StartupException">Nothing was restored, or not all: a start on the folder is refused then.</exception>
    public static Task<BackupManifest> RunAsync(string source, BackedUpFolders folders, CancellationToken cancellationToken) =>
        Task.Run(() => RestoreAsync(Path.GetFullPath(source), folders, cancellationToken), cancellationToken);

    private static async Task<BackupManifest> RestoreAsync(string source, BackedUpFolders folders, CancellationToken cancellationToken)
    {
        var manifest = BackupManifest.Load(source);
        CheckSchemas(manifest, source);
        CheckEmpty(folders.Data, "The data folder");
        if (folders.Media is not null)
            CheckEmpty(folders.Media, "The media folder");

        await VerifyAsync(manifest, source, cancellationToken);
        var media = folders.Media ?? Path.Combine(folders.Data, EmbeddedBackup.MediaName);
        using var folder = DataFolder.Open(folders.Data);
        var unfinished = Path.Combine(folder.Path, DataFolder.UnfinishedRestore);
        try
        {
            DurableFile.Write(unfinished, []);
            DurableFile.FlushNames(folder.Path);
            foreach (var file in manifest.Files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Copy(source, file.Path, folder.Path, media);
            }

            foreach (var name in EmbeddedDatabase.Names)
                CheckIntegrity(folder.FileOf(name));

            DurableFile.FlushNames(folder.Path);
            File.Delete(unfinished);
            DurableFile.FlushNames(folder.Path);
            return manifest;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new StartupException($"The restore did not end: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Make room or see to the disk, empty {folder.Path}, and restore again.", e);
        }
    }

    private static void CheckSchemas(BackupManifest manifest, string source)
    {
        foreach (var name in EmbeddedDatabase.Names)
        {
            if (!manifest.Schemas.ContainsKey(name) || !manifest.Files.Any(file => file.Path == name + ".db"))
                throw new StartupException($"The backup in {source} has no {name}.db. Use another backup.");

            if (MigrationScript.In($"sqlite/{name}")[^1].Version is var known && manifest.Schemas[name] > known)
                throw new StartupException($"{name}.db of the backup in {source} has schema version {manifest.Schemas[name]}, this program knows {known}. Restore it with the program that made it ({manifest.Program}).");
        }
    }

    private static void CheckEmpty(string path, string what)
    {
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new StartupException($"{what} {Path.GetFullPath(path)} is not empty, and nothing is written over. Move it away, or restore with --into to a folder that is empty.");
    }

    private static async Task VerifyAsync(BackupManifest manifest, string source, CancellationToken cancellationToken)
    {
        foreach (var file in manifest.Files)
        {
            var path = Path.Combine(source, file.Path);
            try
            {
                if (new FileInfo(path) is not { Exists: true } found || found.Length != file.Bytes || await DurableFile.HashAsync(path, cancellationToken) != file.Sha256)
                    throw new StartupException($"{path} is not what the backup's manifest says. Nothing was restored; use another backup.");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StartupException($"{path} cannot be read ({e.Message.TrimEnd('.')}). Nothing was restored.", e);
            }
        }
    }

    private static void Copy(string source, string path, string data, string media)
    {
        const string Prefix = $"{EmbeddedBackup.MediaName}/";
        var target = path.StartsWith(Prefix, StringComparison.Ordinal) ? Path.Combine(media, path[Prefix.Length..]) : Path.Combine(data, path);
        OwnerOnly.MakeFolder(Path.GetDirectoryName(target)!);
        DurableFile.Copy(Path.Combine(source, path), target, mayLink: false);
        DurableFile.FlushNames(Path.GetDirectoryName(target)!);
    }

    private static void CheckIntegrity(string path)
    {
        using var file = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        file.Open();
        if (file.Command("PRAGMA integrity_check(1)").ExecuteScalar() is not "ok")
            throw new StartupException($"{path} is damaged, as it was when it was backed up. Empty the folder, and use another backup.");
    }
}
