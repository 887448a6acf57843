using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Streaming.Silo;
using Streaming.Silo.Commands;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Deploy;

/// <summary>Images cannot be built where these tests run; what they are built from can be read.</summary>
public sealed class DockerfileTests
{
    private const string LastProject = "WebFront";

    private readonly Dockerfile file = Dockerfile.Read();

    [Fact]
    public void What_is_copied_exists_and_is_not_ignored()
    {
        string[] open = [.. File.ReadAllLines(PathOf(".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..])];

        Assert.NotEmpty(file.CopiedSources);
        Assert.All(file.CopiedSources, source => Assert.True(Path.Exists(PathOf(source)), $"There is no {source}."));
        Assert.All(file.CopiedSources, source => Assert.Contains(open, path => path == source || (path.EndsWith('/') && source.StartsWith(path, StringComparison.Ordinal))));
        Assert.Contains("*", File.ReadAllLines(PathOf(".dockerignore")));
    }

    [Fact]
    public void Every_project_that_the_programs_need_is_copied()
    {
        var projects = new HashSet<string>();
        Collect(LastProject, projects);

        Assert.Contains("Silo", projects);
        Assert.All(projects, project => Assert.Contains($"{project}/{project}.csproj", file.CopiedSources));
        Assert.All(projects, project => Assert.Contains($"{project}/", file.CopiedSources));
        // Settings of the build that lie above the projects.
        Assert.All(
            Directory.GetFiles(ServerScript.Repository, "Directory.*").Append(PathOf("global.json")).Append(PathOf(".editorconfig")),
            path => Assert.Contains(Path.GetFileName(path), file.CopiedSources));
    }

    [Fact]
    public void Packages_are_restored_before_code_is_copied()
    {
        var steps = file["build"].Instructions;
        var restore = steps.FindIndex(step => step is { Name: "RUN", Arguments: ["dotnet", "restore", ..] });

        Assert.All(steps.Take(restore).Where(step => step.Name == "COPY").SelectMany(step => step.Arguments[..^1]), source =>
            Assert.False(source.EndsWith('/'), $"{source} is copied before packages are restored."));
    }

    [Fact]
    public void Base_images_are_pinned_and_of_the_version_that_the_build_asks_for()
    {
        using var global = JsonDocument.Parse(File.ReadAllText(PathOf("global.json")));
        var asked = Version.Parse(global.RootElement.GetProperty("sdk").GetProperty("version").GetString()!);
        var target = XDocument.Load(PathOf("Directory.Build.props")).Descendants("TargetFramework").Single().Value;

        var sdk = VersionOf("build", "mcr.microsoft.com/dotnet/sdk");
        Assert.True(sdk >= asked && sdk.Major == asked.Major && sdk.Minor == asked.Minor, $"global.json asks for {asked}, the image has {sdk}.");
        foreach (var name in (string[])["silo", "front"])
        {
            var runtime = VersionOf(name, "mcr.microsoft.com/dotnet/aspnet");
            Assert.Equal(target, $"net{runtime.Major}.{runtime.Minor}");
        }

        Version VersionOf(string name, string image)
        {
            Assert.StartsWith(image + ":", file[name].Base, StringComparison.Ordinal);
            return Version.Parse(file[name].Base[(image.Length + 1)..].Split('-')[0]);
        }
    }

    [Fact]
    public void Each_base_can_be_pinned_by_its_content_as_well()
    {
        string[] digests = ["SDK_DIGEST", "SILO_DIGEST", "FRONT_DIGEST"];

        Assert.All(digests, digest => Assert.Equal("", file.Arguments[digest]));
        var text = File.ReadAllLines(PathOf("deploy/Dockerfile")).Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).ToList();
        Assert.Equal(digests.Length, text.Count);
        Assert.All(text.Zip(digests), pair => Assert.Contains($"${{{pair.Second}}} AS ", pair.First, StringComparison.Ordinal));
    }

    [Fact]
    public void Silo_has_no_shell_and_the_front_what_it_inspects_videos_with()
    {
        Assert.EndsWith("-chiseled", file["silo"].Base, StringComparison.Ordinal);
        Assert.Empty(file["silo"].All("RUN"));
        Assert.Contains("ffmpeg", file["front"].Only("RUN").Arguments);
    }

    [Theory]
    [InlineData("silo", "Silo", typeof(SiloComposition))]
    [InlineData("front", "WebFront", typeof(Program))]
    public void Image_runs_the_program_that_was_published_for_it(string name, string project, Type program)
    {
        var stage = file[name];

        Assert.Equal(["dotnet", $"/app/{program.Assembly.GetName().Name}.dll"], stage.Only("ENTRYPOINT").Command);
        Assert.Equal(["/app"], stage.Only("WORKDIR").Arguments);
        Assert.Equal(["--from=build", $"/out/{name}", "./"], stage.All("COPY").First().Arguments);
        var publish = string.Join(' ', file["build"].All("RUN").Last().Arguments).Split("&&", StringSplitOptions.TrimEntries);
        Assert.Contains(publish, command => command.StartsWith($"dotnet publish {project}/{project}.csproj ", StringComparison.Ordinal)
            && command.EndsWith($"--output /out/{name}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("silo")]
    [InlineData("front")]
    public void Image_ends_as_a_user_who_is_not_root(string name)
    {
        // The runtime image's own user, by number, as Kubernetes' runAsNonRoot wants it.
        Assert.Equal(["$APP_UID"], file[name].Only("USER").Arguments);
        Assert.Equal(["SIGTERM"], file[name].Only("STOPSIGNAL").Arguments);
    }

    [Theory]
    [InlineData("silo")]
    [InlineData("front")]
    public void Image_exposes_what_its_program_listens_on(string name)
    {
        var environment = file[name].Environment;
        string[] ports =
        [
            ListensOn(file[name]),
            .. environment.Where(setting => setting.Key.StartsWith("Cluster__", StringComparison.Ordinal)).Select(setting => setting.Value),
        ];

        Assert.Equal(ports, file[name].Only("EXPOSE").Arguments);
        Assert.Equal([.. file[name].Only("ENTRYPOINT").Command, HealthProbe.Command.Name, ports[0]], file[name].Only("HEALTHCHECK").Command[..^1]);
        Settings.AssertKnown(environment);
    }

    internal static string ListensOn(Stage stage) =>
        BindingAddress.Parse(stage.Environment["ASPNETCORE_URLS"]).Port.ToString(CultureInfo.InvariantCulture);

    private static string PathOf(string name) => Path.Combine(ServerScript.Repository, name);

    private static void Collect(string project, HashSet<string> projects)
    {
        if (!projects.Add(project))
            return;

        foreach (var reference in XDocument.Load(PathOf($"{project}/{project}.csproj")).Descendants("ProjectReference"))
            Collect(Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value), projects);
    }
}
