using System.Globalization;

namespace Streaming.Benchmarks.Servers;

/// <summary>What Linux tells of a process under <c>/proc</c>.</summary>
internal static class ProcessStatus
{
    /// <summary>A size such as VmRSS, in megabytes.</summary>
    public static double Megabytes(int processId, string field)
    {
        var status = $"/proc/{processId}/status";
        if (!File.Exists(status))
            throw new BenchmarkException($"this scenario needs {status}, which only Linux has");

        // Such as "VmRSS:	  123456 kB".
        var line = File.ReadLines(status).First(line => line.StartsWith($"{field}:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(field.Length + 1).Trim()[..^3], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    /// <summary>From now on VmHWM is the most that the process holds after this.</summary>
    public static void ForgetPeak(int processId)
    {
        const string forgetPeak = "5";
        try
        {
            File.WriteAllText($"/proc/{processId}/clear_refs", forgetPeak);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchmarkException($"the peak of a process cannot be measured here: {e.Message}");
        }
    }

    /// <summary>Processor time so far of a process of one thread; null when there is none of that name, or it is not told.</summary>
    public static TimeSpan? ProcessorTime(int processId, string name)
    {
        try
        {
            // Nanoseconds on a processor, nanoseconds in wait of one, time slices.
            return File.ReadAllText($"/proc/{processId}/comm").Trim() == name
                ? TimeSpan.FromMicroseconds(long.Parse(File.ReadAllText($"/proc/{processId}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 1e3)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
