using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Serialization.Invocation;
using Streaming.Content;
using Streaming.Health;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

/// <summary>Calls of a front that a silo rejects, as one does that leaves.</summary>
public sealed class RejectedCallRetryTests
{
    private static readonly RejectedCallRetry Retry = new(TimeProvider.System);

    [Fact]
    public async Task Call_that_never_ran_is_repeated_until_it_does()
    {
        var call = Call(typeof(IContentGrain), Response.FromException(Rejection()), Response.FromException(new SiloUnavailableException("Silo 'S127.0.0.1:1:1' is shutting down.")), Response.FromResult(7));

        await Retry.Invoke(call);

        Assert.Equal(7, call.Response!.GetResult<int>());
        Assert.Equal(3, ((ScriptedCall)(object)call).Invocations);
    }

    [Fact]
    public async Task Call_that_may_have_run_is_not_repeated()
    {
        foreach (var failure in (Exception[])[new TimeoutException(), new SiloUnavailableException("The target silo became unavailable for message: …"), new StoreUnavailableException("away", null!)])
        {
            var call = Call(typeof(IContentGrain), Response.FromException(failure));

            await Retry.Invoke(call);

            Assert.Same(failure, call.Response!.Exception);
            Assert.Equal(1, ((ScriptedCall)(object)call).Invocations);
        }
    }

    [Theory]
    [InlineData(typeof(ILedgerGrain))]
    [InlineData(typeof(IClusterHealthGrain))]
    public async Task Calls_whose_callers_know_better_are_left_to_them(Type grain)
    {
        var call = Call(grain, Response.FromException(Rejection()));

        await Retry.Invoke(call);

        Assert.Equal(1, ((ScriptedCall)(object)call).Invocations);
    }

    /// <summary>Of a type without a constructor for us.</summary>
    private static Exception Rejection() => (Exception)RuntimeHelpers.GetUninitializedObject(typeof(OrleansMessageRejectionException));

    private static IOutgoingGrainCallContext Call(Type grain, params Response[] responses)
    {
        var call = DispatchProxy.Create<IOutgoingGrainCallContext, ScriptedCall>();
        var request = DispatchProxy.Create<IInvokable, ScriptedRequest>();
        ((ScriptedRequest)(object)request).Grain = grain;
        ((ScriptedCall)(object)call).Request = request;
        ((ScriptedCall)(object)call).Responses = new Queue<Response>(responses);
        return call;
    }

    /// <summary>A double: a call to which a script answers.</summary>
    public class ScriptedCall : DispatchProxy
    {
        private Response? response;

        public int Invocations { get; private set; }

        internal IInvokable? Request { get; set; }

        internal Queue<Response> Responses { get; set; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            switch (targetMethod!.Name)
            {
                case nameof(IOutgoingGrainCallContext.Invoke):
                    Invocations++;
                    response = Responses.Dequeue();
                    return Task.CompletedTask;
                case "get_Response":
                    return response;
                case "get_Request":
                    return Request;
                default:
                    throw new NotSupportedException(targetMethod.Name);
            }
        }
    }

    /// <summary>A double: a request to a grain of some interface.</summary>
    public class ScriptedRequest : DispatchProxy
    {
        internal Type? Grain { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(IInvokable.GetInterfaceType) ? Grain : throw new NotSupportedException(targetMethod.Name);
    }
}
