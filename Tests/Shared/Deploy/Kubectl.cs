using System.Diagnostics;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Deploy;

/// <summary>Renders what is below <c>deploy/kubernetes</c>, in a copy with secrets that are made up.</summary>
internal static class Kubectl
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>The YAML of an overlay, with components that it names in a comment.</summary>
    public static async Task<string> RenderAsync(string overlay, params string[] components)
    {
        using var copy = new TemporaryFolder();
        Copy(Path.Combine(ServerScript.Repository, "deploy", "kubernetes"), copy.Path);
        var folder = Path.Combine(copy.Path, "overlays", overlay);
        var kustomization = Path.Combine(folder, "kustomization.yaml");
        foreach (var component in components)
        {
            var text = await File.ReadAllTextAsync(kustomization, TestContext.Current.CancellationToken);
            Assert.Contains($"  # - ../../components/{component}\n", text, StringComparison.Ordinal);
            text = text.Replace($"  # - ../../components/{component}\n", $"  - ../../components/{component}\n", StringComparison.Ordinal);
            await File.WriteAllTextAsync(kustomization, text, TestContext.Current.CancellationToken);
        }

        await MakeSecretsAsync(copy.Path, folder);
        return await RunAsync(Find(), "kustomize", folder);
    }

    /// <summary>As the pages say: by the overlay's own script, or from the examples with every password filled in.</summary>
    private static async Task MakeSecretsAsync(string root, string overlay)
    {
        var script = Path.Combine(overlay, "make-secrets");
        if (File.Exists(script))
            await RunAsync(script);

        foreach (var example in Directory.GetFiles(root, "*.env.example", SearchOption.AllDirectories))
        {
            var text = await File.ReadAllTextAsync(example, TestContext.Current.CancellationToken);
            text = text.Replace("Password=;", "Password=0123456789abcdef;", StringComparison.Ordinal)
                .Replace("password=,", "password=0123456789abcdef,", StringComparison.Ordinal)
                .Replace("://streaming:@", "://streaming:0123456789abcdef@", StringComparison.Ordinal)
                .Replace("=\n", "=0123456789abcdef0123456789abcdef\n", StringComparison.Ordinal);
            await File.WriteAllTextAsync(example[..^".example".Length], text, TestContext.Current.CancellationToken);
        }
    }

    private static string Find()
    {
        var found = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "kubectl")).FirstOrDefault(File.Exists);
        Requirement.That(found is not null, "kubectl is not there: apt-get install kubernetes-client (1.27 or newer, as from Debian 13).");
        return found!;
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        giveUp.CancelAfter(Timeout);
        var output = process.StandardOutput.ReadToEndAsync(giveUp.Token);
        var errors = process.StandardError.ReadToEndAsync(giveUp.Token);
        try
        {
            await process.WaitForExitAsync(giveUp.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}");
        return await output;
    }

    private static void Copy(string from, string to)
    {
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));

        // The secrets of whoever works here stay where they are.
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".env", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
