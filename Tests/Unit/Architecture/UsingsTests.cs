using Streaming.Tests.Storage;

namespace Streaming.Tests.Architecture;

/// <summary>The order of usings: the one rule of the format that neither the build nor the check of white space looks at.</summary>
public sealed class UsingsTests
{
    [Fact]
    public void Usings_are_sorted_those_of_the_system_first()
    {
        var files = Directory.EnumerateFiles(ServerScript.Repository, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(ServerScript.Repository, file).Split(Path.DirectorySeparatorChar).Any(folder => folder is "bin" or "obj"))
            .ToList();
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Equal(Sorted(Usings(file)), Usings(file)));
    }

    private static string[] Usings(string file) =>
    [
        .. File.ReadLines(file).TakeWhile(line => line.Length == 0 || line.StartsWith("using ", StringComparison.Ordinal))
            .Where(line => line.Length > 0).Select(line => line["using ".Length..].TrimEnd(';')),
    ];

    /// <summary>Namespaces, then what is static, then aliases.</summary>
    private static string[] Sorted(string[] usings) =>
    [
        .. usings.OrderBy(name => name.Contains('=') ? 2 : name.StartsWith("static ", StringComparison.Ordinal) ? 1 : 0)
            .ThenBy(name => name.Split('.')[0] != "System").ThenBy(name => name, StringComparer.OrdinalIgnoreCase),
    ];
}
