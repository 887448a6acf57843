namespace Streaming.Benchmarks.Servers;

/// <summary>A fresh folder under the system's temporary path for one server's data, deleted at the end.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streaming-bench-");

    public string Path => _folder.FullName;

    /// <summary>Bytes in all files whose names match.</summary>
    public long Size(string pattern = "*") =>
        _folder.EnumerateFiles(pattern, SearchOption.AllDirectories).Sum(Length);

    /// <summary>Deletes the files in it.</summary>
    public void Empty()
    {
        foreach (var file in _folder.EnumerateFiles())
            file.Delete();
    }

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"{Path} is left behind: {e.Message}");
        }
    }

    // The server may delete a file (a checkpointed journal) between the listing and the question for its length.
    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
