namespace Streaming.Tests;

/// <summary>What a test needs of the machine: where it is missing the test is skipped on a laptop and fails in continuous integration.</summary>
internal static class Requirement
{
    public static void OfFile(string path, string how) => That(File.Exists(path), $"{path} is not there: {how}.");

    public static void That(bool isThere, string reason)
    {
        if (isThere)
            return;

        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            Assert.Fail(reason);

        Assert.Skip(reason);
    }
}
