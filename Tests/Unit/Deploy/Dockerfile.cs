using Streaming.Tests.Storage;

namespace Streaming.Tests.Deploy;

/// <summary>The stages of <c>deploy/Dockerfile</c> and their instructions.</summary>
internal sealed class Dockerfile
{
    private Dockerfile(IReadOnlyList<Stage> stages, IReadOnlyDictionary<string, string> arguments) => (Stages, Arguments) = (stages, arguments);

    public IReadOnlyList<Stage> Stages { get; }

    /// <summary>What a build may give for the names of the bases, with its defaults.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; }

    public Stage this[string name] => Stages.Single(stage => stage.Name == name);

    public static Dockerfile Read()
    {
        var text = File.ReadAllText(Path.Combine(ServerScript.Repository, "deploy", "Dockerfile"));
        var stages = new List<Stage>();
        var given = new Dictionary<string, string>();
        var lines = text.Split('\n').Where(line => !line.TrimStart().StartsWith('#'));
        foreach (var line in string.Join('\n', lines).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var name, .. var arguments])
                continue;

            if (name == "FROM")
                stages.Add(new Stage(arguments[^1], Fill(arguments[^3], given), []));
            else if (stages.Count == 0)
                given.Add(arguments[0].Split('=')[0], arguments[0].Split('=')[1]);
            else
                stages[^1].Instructions.Add(new Instruction(name, arguments));
        }

        return new Dockerfile(stages, given);
    }

    private static string Fill(string text, Dictionary<string, string> given) =>
        given.Aggregate(text, (filled, argument) => filled.Replace($"${{{argument.Key}}}", argument.Value, StringComparison.Ordinal));

    /// <summary>From the repository, not from another stage.</summary>
    public IEnumerable<string> CopiedSources => Stages.SelectMany(stage => stage.Instructions)
        .Where(instruction => instruction.Name == "COPY" && !instruction.Arguments[0].StartsWith("--from=", StringComparison.Ordinal))
        .SelectMany(instruction => instruction.Arguments[..^1]);
}

internal sealed record Stage(string Name, string Base, List<Instruction> Instructions)
{
    public IReadOnlyDictionary<string, string> Environment => All("ENV").SelectMany(instruction => instruction.Arguments)
        .Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    public IEnumerable<Instruction> All(string name) => Instructions.Where(instruction => instruction.Name == name);

    public Instruction Only(string name) => Assert.Single(All(name));
}

internal sealed record Instruction(string Name, string[] Arguments)
{
    /// <summary>The words of a command in JSON form.</summary>
    public string[] Command
    {
        get
        {
            var text = string.Join(' ', Arguments);
            return System.Text.Json.JsonSerializer.Deserialize<string[]>(text[text.IndexOf('[', StringComparison.Ordinal)..])!;
        }
    }
}
