using System.Text.RegularExpressions;
using System.Xml.Linq;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Architecture;

/// <summary>Which projects refer to which, and that no two folders of a project need each other.</summary>
public sealed partial class FolderArrowsTests
{
    // Each may refer to those that its own may refer to as well.
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Primitives"] = [],
        ["Grains.Interfaces"] = ["Primitives"],
        ["Grains.Client"] = ["Grains.Interfaces"],
        ["Ledger"] = ["Primitives"],
        ["Grains"] = ["Grains.Client", "Ledger"],
        ["Media"] = ["Grains.Interfaces"],
        ["Storage"] = ["Grains"],
        ["Silo"] = ["Media", "Storage"],
        ["WebFront"] = ["Silo"],
    };

    // What puts a program together, or lists types of all features for a serializer, names everything; nothing of the rest is in them.
    private static readonly string[] Composition =
    [
        "Program.cs", "SiloProgram.cs", "FrontComposition.cs", "FrontSettings.cs", "FrontJson.cs", "Json.cs", "CallServices.cs", "GrainServices.cs", "StorageServices.cs",
        "StorageHealth.cs", "ServersStorage.cs",
    ];

    public static TheoryData<string> Projects => [.. Arrows.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_refers_to_those_that_it_may(string project)
    {
        var file = XDocument.Load(Path.Combine(Root, project, project + ".csproj"));
        var referred = file.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
        Assert.Equal(Arrows[project].Order(), referred.Order());
    }

    [Fact]
    public void Every_project_of_the_product_has_its_arrows()
    {
        var projects = Directory.EnumerateFiles(Root, "*.csproj", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Select(Path.GetFileNameWithoutExtension).Where(name => name != "Benchmarks" && !name!.StartsWith("Tests", StringComparison.Ordinal));
        Assert.Equal(Arrows.Keys.Order(), projects.Order());
    }

    [Fact]
    public void Ledger_names_nothing_of_Orleans()
    {
        Assert.All(
            SourceFile.ReadAll(Path.Combine(Root, "Ledger")),
            file => Assert.DoesNotMatch(@"\b(Orleans|Grain|IGrainFactory|SiloAddress|ISiloLifecycle|GenerateSerializer)\b", file.Code));
        Assert.DoesNotContain(typeof(Streaming.Ledger.ViewLedger).Assembly.GetReferencedAssemblies(), name => name.Name!.StartsWith("Orleans", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_two_folders_of_a_project_need_each_other(string project)
    {
        var files = SourceFile.ReadAll(Path.Combine(Root, project));
        var homes = files.SelectMany(file => file.Declared.Select(type => (type, file.Folder))).ToLookup(pair => pair.type, pair => pair.Folder);
        var needs = new Dictionary<string, Dictionary<string, string>>();
        foreach (var file in files.Where(file => !Composition.Contains(Path.GetFileName(file.Path))))
        {
            foreach (var name in file.Names)
            {
                // A name that several folders declare says nothing of which is meant.
                if (homes[name].Distinct().ToList() is [var home] && home != file.Folder)
                    (needs.TryGetValue(file.Folder, out var of) ? of : needs[file.Folder] = [])[home] = $"{file.Path} names {name}";
            }
        }

        foreach (var folder in needs.Keys)
        {
            var way = FindWayBack(needs, folder, folder, []);
            Assert.True(way is null, $"'{folder}' needs itself: {string.Join("; ", way ?? [])}.");
        }
    }

    private static List<string>? FindWayBack(Dictionary<string, Dictionary<string, string>> needs, string from, string to, HashSet<string> seen)
    {
        foreach (var (next, why) in needs.GetValueOrDefault(from, []))
        {
            if (next == to)
                return [why];

            if (seen.Add(next) && FindWayBack(needs, next, to, seen) is { } rest)
                return [why, .. rest];
        }

        return null;
    }

    private static string Root => ServerScript.Repository;

    /// <summary>A file of code, without comments and texts.</summary>
    private sealed partial record SourceFile(string Path, string Folder, string Code)
    {
        public IEnumerable<string> Declared => Declaration().Matches(Code).Select(match => match.Groups[1].Value);

        public HashSet<string> Names => [.. Name().Matches(Code).Select(match => match.Value)];

        public static List<SourceFile> ReadAll(string project) =>
        [
            .. Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
                .Select(path => (Path: System.IO.Path.GetRelativePath(project, path), Full: path))
                .Where(file => !file.Path.StartsWith("obj/", StringComparison.Ordinal) && !file.Path.StartsWith("bin/", StringComparison.Ordinal))
                .Select(file => new SourceFile(file.Path, System.IO.Path.GetDirectoryName(file.Path)!, Other().Replace(File.ReadAllText(file.Full), ""))),
        ];

        [GeneratedRegex("""^(?:public |internal |file )?(?:(?:static|sealed|abstract|partial|readonly|ref) )*(?:class|struct|interface|enum|record(?: struct| class)?) (\w+)""", RegexOptions.Multiline)]
        private static partial Regex Declaration();

        [GeneratedRegex("""\b[A-Z]\w*\b""")]
        private static partial Regex Name();

        [GeneratedRegex("""//[^\n]*|"(?:\\.|[^"\\\n])*"|\busing [\w.]+;""")]
        private static partial Regex Other();
    }
}
