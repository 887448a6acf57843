namespace Streaming.Benchmarks.Servers;

internal static class ServerAssembly
{
    private const string InSolution = "WebFront/bin/Release/net10.0/Streaming.WebFront.dll";

    /// <summary>The given path, or the Release build in the solution this program was built in.</summary>
    public static string Find(string? given)
    {
        var path = given ?? Path.Combine(SolutionFolder(), InSolution);
        return File.Exists(path)
            ? Path.GetFullPath(path)
            : throw new BenchmarkException($"no server at {path}: run `dotnet build -c Release` first, or give --server");
    }

    private static string SolutionFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Streaming.sln")))
                return folder.FullName;
        }

        throw new BenchmarkException("no Streaming.sln above this program: give --server");
    }
}
