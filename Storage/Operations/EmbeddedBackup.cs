using Microsoft.Data.Sqlite;
using Streaming.Storage.Embedded;

namespace Streaming.Storage.Operations;

/// <summary>What there is to back up, and to restore to.</summary>
/// <param name="Media">The folder of the media; null where they are elsewhere.</param>
public sealed record BackedUpFolders(string Data, string? Media);

/// <summary>A whole copy of the embedded family in a folder, made beside a program that runs.</summary>
public static class EmbeddedBackup
{
    public const string MediaName = "media";
    private static readonly string[] MediaEndings = [".video", ".image"];

    // Keys of Development. Databases and the lock are not copied as files.
    private const string KeyPattern = "*.key";

    /// <param name="target">A folder that is empty or is not there.</param>
    /// <exception cref="StartupException">There is no backup; what was begun is removed.</exception>
    public static async Task<BackupManifest> CreateAsync(
        BackedUpFolders folders, string target, string program, TimeProvider time, CancellationToken cancellationToken)
    {
        target = Path.GetFullPath(target);
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new StartupException($"{target} is not empty. Name a folder that is, or is not there yet.");

        if (folders.Media is { } media && (target + '/').StartsWith(Path.GetFullPath(media) + '/', StringComparison.Ordinal))
            throw new StartupException($"{target} is in the media folder, and would be a part of itself. Name one elsewhere.");

        try
        {
            OwnerOnly.MakeFolder(target);
            return await Task.Run(() => FillAsync(folders, target, program, time, cancellationToken), cancellationToken);
        }
        catch (Exception e)
        {
            var rest = TryEmpty(target) ? "What was begun is removed" : $"Remove what is in {target}";
            if (e is IOException or UnauthorizedAccessException or SqliteException)
                throw new StartupException($"There is no backup: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Make room or see to the disk, and begin again. {rest}.", e);

            throw;
        }
    }

    private static async Task<BackupManifest> FillAsync(BackedUpFolders folders, string target, string program, TimeProvider time, CancellationToken cancellationToken)
    {
        var mark = time.GetUtcNow();
        var schemas = new Dictionary<string, int>();
        var paths = new List<string>();
        using (var snapshot = await EmbeddedSnapshot.OpenAsync(folders.Data, cancellationToken))
        {
            foreach (var name in EmbeddedDatabase.Names)
            {
                cancellationToken.ThrowIfCancellationRequested();
                schemas.Add(name, snapshot.VersionOf(name));
                snapshot.CopyTo(name, Path.Combine(target, name + ".db"));
                paths.Add(name + ".db");
            }
        }

        foreach (var key in Directory.EnumerateFiles(folders.Data, KeyPattern))
        {
            DurableFile.Copy(key, Path.Combine(target, Path.GetFileName(key)), mayLink: false);
            paths.Add(Path.GetFileName(key));
        }

        // After the databases: the media of each video that they name were there before its row.
        paths.AddRange(CopyMedia(folders.Media, target, cancellationToken));
        var files = new List<BackupFile>();
        foreach (var path in paths)
        {
            var file = Path.Combine(target, path);
            files.Add(new BackupFile(path, new FileInfo(file).Length, await DurableFile.HashAsync(file, cancellationToken)));
        }

        DurableFile.FlushNames(target);
        var manifest = new BackupManifest(BackupManifest.NewestFormat, program, mark, schemas, files);
        manifest.Save(target);
        return manifest;
    }

    private static IEnumerable<string> CopyMedia(string? media, string target, CancellationToken cancellationToken)
    {
        if (media is null || !Directory.Exists(media))
            yield break;

        // By the last two digits of the ids; uploads that are not whole are elsewhere.
        foreach (var folder in Directory.EnumerateDirectories(media).Where(folder => Path.GetFileName(folder) is [var a, var b] && char.IsAsciiHexDigit(a) && char.IsAsciiHexDigit(b)))
        {
            var place = Path.Combine(MediaName, Path.GetFileName(folder));
            var isMade = false;
            foreach (var file in Directory.EnumerateFiles(folder).Where(file => MediaEndings.Contains(Path.GetExtension(file))))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!isMade)
                    OwnerOnly.MakeFolder(Path.Combine(target, place));

                isMade = true;
                var path = Path.Combine(place, Path.GetFileName(file));
                try
                {
                    // Never written to again once they are there.
                    DurableFile.Copy(file, Path.Combine(target, path), mayLink: true);
                }
                catch (FileNotFoundException)
                {
                    // Of a deleted video, and removed meanwhile.
                    continue;
                }

                yield return path.Replace(Path.DirectorySeparatorChar, '/');
            }

            if (isMade)
                DurableFile.FlushNames(Path.Combine(target, place));
        }
    }

    private static bool TryEmpty(string target)
    {
        try
        {
            Directory.Delete(target, recursive: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
