using Streaming.Tests.Storage;

namespace Streaming.Tests.Docs;

public sealed class LanesTests
{
    private static readonly string[] Projects = ["Cluster", "Http", "MongoDouble", "Mutation", "Shared", "Stores", "Unit"];

    /// <summary>A file beside them is compiled by nobody, and its tests never run.</summary>
    [Fact]
    public void Every_test_file_is_in_a_project()
    {
        var tests = Path.Combine(ServerScript.Repository, "Tests");
        var beside = Directory.EnumerateFiles(tests, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(tests, file))
            .Where(file => !Projects.Concat(["bin", "obj"]).Contains(file.Split(Path.DirectorySeparatorChar)[0]));

        Assert.Empty(beside);
    }
}
