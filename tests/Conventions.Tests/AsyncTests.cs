using System.Reflection;
using System.Runtime.CompilerServices;

namespace SidecarAgent.Conventions.Tests;

public sealed class AsyncTests
{
    private static readonly IReadOnlyList<MethodInfo> Methods = [..
        OwnTypes.All.SelectMany(type => type.GetMethods(
                BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => !method.IsSpecialName && !OwnTypes.IsGenerated(method))];

    /// <summary>The suffix that says a lock must be held takes its place.</summary>
    [Fact]
    public void Async_methods_end_in_Async() => Offenders.None(
        Asynchronous().Where(method => !method.Name.EndsWith("Async", StringComparison.Ordinal)
            && !method.Name.EndsWith("_NeedsLock", StringComparison.Ordinal)).Select(Name));

    /// <summary>Not all take one: what must not stop half-way cannot be cancelled.</summary>
    [Fact]
    public void A_cancellation_is_taken_last() => Offenders.None(
        Methods.Where(method => !IsGivenByOthers(method)).Where(method => method.GetParameters()
            .Where(parameter => !parameter.IsDefined(typeof(ParamArrayAttribute)))
            .SkipWhile(parameter => parameter.ParameterType != typeof(CancellationToken))
            .Any(parameter => parameter.ParameterType != typeof(CancellationToken))).Select(Name));

    [Fact]
    public void Nothing_is_fired_and_forgotten() => Offenders.None(
        Methods.Where(method => method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute))).Select(Name));

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.FullName}.{method.Name}";

    private static IEnumerable<MethodInfo> Asynchronous() =>
        Methods.Where(method => IsAwaited(method.ReturnType) && method.Name != "Main" && !IsGivenByOthers(method));

    private static bool IsAwaited(Type type) =>
        (type.IsGenericType ? type.GetGenericTypeDefinition().FullName : type.FullName) is
            "System.Threading.Tasks.Task" or "System.Threading.Tasks.Task`1"
            or "System.Threading.Tasks.ValueTask" or "System.Threading.Tasks.ValueTask`1"
            or "System.Collections.Generic.IAsyncEnumerable`1";

    /// <summary>Overrides (of gRPC services, streams) and implementations of interfaces cannot choose their form.</summary>
    private static bool IsGivenByOthers(MethodInfo method)
    {
        if (method.GetBaseDefinition() != method)
            return true;
        var type = method.DeclaringType!;
        return !type.IsInterface && type.GetInterfaces()
            .Where(implemented => implemented.Namespace?.StartsWith("SidecarAgent", StringComparison.Ordinal) != true)
            .Any(implemented => type.GetInterfaceMap(implemented).TargetMethods.Contains(method));
    }
}
