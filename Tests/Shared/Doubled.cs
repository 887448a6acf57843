using System.Reflection;

namespace Streaming.Tests;

/// <summary>A double of an interface whose every call the test answers. Neither sealed nor internal: the runtime derives from it.</summary>
public class Doubled : DispatchProxy
{
    private Func<MethodInfo, object?[], object?> answer = null!;

    public static T Of<T>(Func<MethodInfo, object?[], object?> answer)
        where T : class
    {
        var made = Create<T, Doubled>();
        ((Doubled)(object)made).answer = answer;
        return made;
    }

    /// <summary>A factory that has one grain, whatever it is asked for.</summary>
    public static IGrainFactory Grain<T>(Func<MethodInfo, object?[], object?> answer)
        where T : class
    {
        var grain = Of<T>(answer);
        return Of<IGrainFactory>((_, _) => grain);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => answer(targetMethod!, args!);
}
