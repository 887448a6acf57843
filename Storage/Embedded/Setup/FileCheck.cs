using System.Buffers.Binary;
using System.Globalization;
using Streaming.Storage.Migrations;

namespace Streaming.Storage.Embedded;

/// <summary>Looks at the data folder and its files, without opening a database.</summary>
internal static class FileCheck
{
    // Of SQLite's header: its first words, and PRAGMA user_version.
    private const int HeaderBytes = 100;
    private const int VersionOffset = 60;

    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    public static IEnumerable<Task<Finding>> Begin(string path, CancellationToken cancellationToken)
    {
        path = Path.GetFullPath(path);
        yield return BoundedLook.AtAsync("data folder", path, "Make it writable, or name another with Storage__Path.", _ => Task.FromResult(LookAtFolder(path)), cancellationToken);
        foreach (var name in EmbeddedDatabase.Names)
        {
            var file = Path.Combine(path, name + ".db");
            yield return BoundedLook.AtAsync(name, file, "Make it readable for this user.", _ => Task.FromResult(LookAtFile(name, file)), cancellationToken);
        }
    }

    private static (FindingState, string) LookAtFolder(string path)
    {
        var there = path;
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } above)
            there = above;

        if (!DataFolder.CanWrite(there))
            return (FindingState.Failed, $"{there} cannot be written to. Make it writable, or name another with Storage__Path.");

        if (DataFolder.IsHeld(path))
            return (FindingState.Failed, "it is in use by another instance. Stop that one, or give this one a folder of its own with Storage__Path.");

        if (DataFolder.HasUnfinishedRestore(path))
            return (FindingState.Failed, "it holds a restore that did not end. Empty it, and restore again.");

        var free = string.Create(CultureInfo.InvariantCulture, $"{new DriveInfo(there).AvailableFreeSpace >> 20} MB free");
        return (FindingState.Ok, there == path ? $"writable, {free}" : $"is made by the first start; {free}");
    }

    private static (FindingState, string) LookAtFile(string name, string file)
    {
        var newest = MigrationScript.In($"sqlite/{name}")[^1].Version;
        if (!File.Exists(file))
            return (FindingState.Ok, $"is made by the first start, with schema {newest}");

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var header = new byte[HeaderBytes];
        var read = stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
        if (read == 0)
            return (FindingState.Ok, $"is empty; a start makes schema {newest}");

        if (read < HeaderBytes || !header.AsSpan(0, Magic.Length).SequenceEqual(Magic))
            return (FindingState.Failed, "it is no database of SQLite. Put a backup in its place, or move it away to start without its data.");

        // Until a checkpoint a newer one is in the write-ahead log, where only a start looks.
        var version = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(VersionOffset));
        var size = string.Create(CultureInfo.InvariantCulture, $"{stream.Length >> 10} KB");
        return (FindingState.Ok, version == newest ? $"schema {version} of {newest}, {size}"
            : version < newest ? $"schema {version}, which a start brings to {newest}; {size}"
            : $"schema {version} of a newer program, where this one knows {newest}; {size}");
    }
}
