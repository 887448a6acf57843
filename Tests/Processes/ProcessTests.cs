namespace Streaming.Tests.Processes;

/// <summary>Alone, since these tests put both cores to work.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessTests
{
    public const string Name = "Processes";
}
