using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Streaming.Storage.Embedded;

namespace Streaming.Storage.Operations;

/// <summary>Files of a backup: on disk before anybody says that they are.</summary>
internal static class DurableFile
{
    private const int Buffer = 1 << 20;
    private const int CloseOnExec = 0x80000;

    /// <summary>A copy, or where it may be and both are on one file system another name of the same file.</summary>
    public static void Copy(string from, string to, bool mayLink)
    {
        if (mayLink && OperatingSystem.IsLinux() && Link(Text(from), Text(to)) == 0)
            return;

        using var source = new FileStream(from, new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
        using var target = Create(to);
        source.CopyTo(target, Buffer);
        RandomAccess.FlushToDisk(target.SafeFileHandle);
    }

    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var target = Create(path);
        target.Write(content);
        RandomAccess.FlushToDisk(target.SafeFileHandle);
    }

    public static void Flush(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
    }

    /// <summary>Of the names in a folder. Linux alone needs it.</summary>
    public static void FlushNames(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return;

        using var handle = new SafeFileHandle(Open(Text(folder), CloseOnExec), ownsHandle: true);
        if (handle.IsInvalid)
            throw new IOException($"The folder {folder} cannot be opened.");

        RandomAccess.FlushToDisk(handle);
    }

    public static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
        });
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly.File;

        return new FileStream(path, options);
    }

    private static byte[] Text(string path) => Encoding.UTF8.GetBytes(path + '\0');

    [DllImport("libc", EntryPoint = "link")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(byte[] from, byte[] to);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);
}
