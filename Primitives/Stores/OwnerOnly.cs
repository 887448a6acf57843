namespace Streaming.Storage.Embedded;

/// <summary>Files and folders that nobody but this program's user reads or writes, also where an older version or another mask made them more open.</summary>
public static class OwnerOnly
{
    public const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode Folder = File | UnixFileMode.UserExecute;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, Folder);
    }

    /// <summary>An empty file where there is none: SQLite gives its other files the mode of the first.</summary>
    public static void MakeFile(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = File;

        new FileStream(path, options).Dispose();
        Close(path);
    }

    /// <summary>Takes what others may of a file or folder that is there. What is somebody else's stays as it is.</summary>
    public static void Close(string path)
    {
        if (OperatingSystem.IsWindows() || !Path.Exists(path))
            return;

        try
        {
            var mode = System.IO.File.GetUnixFileMode(path);
            if ((mode & Others) != 0)
                System.IO.File.SetUnixFileMode(path, mode & ~Others);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            // Whoever owns it decides.
        }
    }
}
