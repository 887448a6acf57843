using Streaming.Media;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Media;

/// <summary>A media folder of a test's own, and what a program makes of one.</summary>
internal sealed class MediaFiles : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public MediaFiles(long minFreeBytes = 0, bool isOurs = false, TimeProvider? time = null)
    {
        Folder = new MediaFolder(folder.Path, isOurs, minFreeBytes);
        Spool = new UploadSpool(Folder, Writer, time ?? TimeProvider.System);
        Store = new DiskMediaStore(Folder, Writer);
    }

    public MediaFolder Folder { get; }

    public DiskWriter Writer { get; } = new();

    public UploadSpool Spool { get; }

    public DiskMediaStore Store { get; }

    /// <summary>Every file, by its path in the folder.</summary>
    public string[] All => [.. Directory.GetFiles(Folder.Root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder.Root, path)).Order(StringComparer.Ordinal)];

    /// <summary>Bytes that look like no other file's.</summary>
    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public void Dispose()
    {
        Writer.Dispose();
        folder.Dispose();
    }
}
