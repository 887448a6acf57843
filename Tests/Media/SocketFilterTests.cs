using System.Diagnostics;
using Streaming.Storage.Media;

namespace Streaming.Tests.Media;

public sealed class SocketFilterTests
{
    [Fact]
    public async Task No_thread_of_this_program_is_left_with_the_filter()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The filter is Linux'.");
        var own = Filters().Min();
        for (var i = 0; i < 20; i++)
        {
            // With all threads of the pool at work it makes new ones for what it is given to do.
            using var free = new ManualResetEventSlim();
            var busy = Enumerable.Range(0, 4).Select(_ => Task.Run(() => free.Wait(TestContext.Current.CancellationToken))).ToList();
            var starting = SocketFilter.StartAsync(new ProcessStartInfo("/bin/true"), files: null);
            free.Set();
            using var started = await starting;
            await started!.WaitForExitAsync(TestContext.Current.CancellationToken);
            await Task.WhenAll(busy);
            Assert.All(Filters(), filters => Assert.Equal(own, filters));
        }
    }

    /// <summary>How many each thread of this process has.</summary>
    private static List<string> Filters()
    {
        var found = new List<string>();
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                found.Add(File.ReadLines(Path.Combine(thread, "status")).Single(line => line.StartsWith("Seccomp_filters:", StringComparison.Ordinal)));
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return found;
    }
}
