namespace Streaming.Storage.Embedded;

/// <summary>The folder that holds everything of the embedded family, held by one process at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    /// <summary>There while a restore fills the folder.</summary>
    public const string UnfinishedRestore = "restore.unfinished";

    private readonly FileStream instanceLock;

    private DataFolder(string path, FileStream instanceLock)
    {
        Path = path;
        this.instanceLock = instanceLock;
    }

    public string Path { get; }

    /// <summary>Makes the folder where it is missing and takes its lock, which the system frees however the process ends.</summary>
    /// <exception cref="StartupException">It cannot be written to, or another process holds it.</exception>
    public static DataFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            OwnerOnly.MakeFolder(path);
            // One that holds other things than ours is not ours to close.
            if (File.Exists(LockOf(path)))
                OwnerOnly.Close(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(path, e);
        }

        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = OwnerOnly.File;

            var folder = new DataFolder(path, new FileStream(LockOf(path), options));
            if (!HasUnfinishedRestore(path))
                return folder;

            folder.Dispose();
            throw new StartupException($"The data folder {path} holds a restore that did not end. Empty it, and restore again.");
        }
        catch (UnauthorizedAccessException e)
        {
            throw NotWritable(path, e);
        }
        catch (IOException e) when (!CanWrite(path))
        {
            throw NotWritable(path, e);
        }
        catch (IOException e)
        {
            throw new StartupException(
                $"The data folder {path} is in use by another instance. Stop that one, or give this one a folder of its own with Storage__Path.", e);
        }
    }

    public string FileOf(string name) => System.IO.Path.Combine(Path, name + ".db");

    public void Dispose() => instanceLock.Dispose();

    private static string LockOf(string path) => System.IO.Path.Combine(path, "instance.lock");

    public static bool HasUnfinishedRestore(string path) => File.Exists(System.IO.Path.Combine(path, UnfinishedRestore));

    public static bool CanWrite(string path)
    {
        try
        {
            File.Create(System.IO.Path.Combine(path, ".writable"), 1, FileOptions.DeleteOnClose).Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether a process has it open. Makes and keeps nothing.</summary>
    public static bool IsHeld(string path)
    {
        if (!File.Exists(LockOf(path)))
            return false;

        try
        {
            new FileStream(LockOf(path), FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static StartupException NotWritable(string path, Exception e) => new(
        $"The data folder {path} cannot be written to ({e.Message.TrimEnd('.')}). Make it writable, or name another with Storage__Path.", e);
}
