namespace Streaming.Tests.Storage;

/// <summary>A fresh folder under the system's temporary one, gone with the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("streaming-tests-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
