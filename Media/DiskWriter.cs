using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Streaming.Media;

/// <summary>Makes files durable, a few at a time: a thread is held up by each, and a disk does no better with more.</summary>
internal sealed class DiskWriter : IDisposable
{
    private const int Together = 4;
    private const int CloseOnExec = 0x80000;

    private readonly SemaphoreSlim turns = new(Together);

    /// <summary>A new file, for this program's user alone.</summary>
    /// <exception cref="Videos.MediaStoreException">It cannot be made.</exception>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        try
        {
            return new FileStream(path, options);
        }
        catch (Exception e) when (DiskFailures.Is(e))
        {
            throw DiskFailures.ToMedia(e, path);
        }
    }

    /// <summary>Completes when what was written to the file is on disk.</summary>
    /// <exception cref="Videos.MediaStoreException">It is not.</exception>
    public Task FlushAsync(FileStream file, CancellationToken cancellationToken) =>
        RunAsync(() => RandomAccess.FlushToDisk(file.SafeFileHandle), file.Name, cancellationToken);

    /// <summary>Completes when the names in the folder are on disk.</summary>
    /// <exception cref="Videos.MediaStoreException">Perhaps they are not.</exception>
    public Task FlushNamesAsync(string folder, CancellationToken cancellationToken) =>
        RunAsync(() => FlushNames(folder), folder, cancellationToken);

    public void Dispose() => turns.Dispose();

    private async Task RunAsync(Action flush, string path, CancellationToken cancellationToken)
    {
        await turns.WaitAsync(cancellationToken);
        var run = Task.Run(() =>
        {
            try
            {
                flush();
            }
            catch (Exception e) when (DiskFailures.Is(e))
            {
                throw DiskFailures.ToMedia(e, path);
            }
            finally
            {
                turns.Release();
            }
        }, CancellationToken.None);
        // A disk that hangs holds up its thread, and nobody else.
        await run.WaitAsync(cancellationToken);
    }

    // Windows has no such thing, and .NET opens no folders. Elsewhere than on Linux the flag is another.
    private static void FlushNames(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return;

        using var handle = new SafeFileHandle(Open(Encoding.UTF8.GetBytes(folder + '\0'), CloseOnExec), ownsHandle: true);
        if (handle.IsInvalid)
            throw new IOException($"The folder cannot be opened (error {Marshal.GetLastPInvokeError()}).", Marshal.GetLastPInvokeError());

        RandomAccess.FlushToDisk(handle);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);
}
