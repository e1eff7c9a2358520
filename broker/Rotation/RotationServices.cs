using SidecarAgent.Broker.Telemetry;

namespace SidecarAgent.Broker.Rotation;

/// <summary>The parts of the broker that rotate.</summary>
internal static class RotationServices
{
    public static IServiceCollection AddRotation(this IServiceCollection services)
    {
        services.AddSingleton<KeyValueRotator>();
        services.AddSingleton<AccountRotator>();
        services.AddSingleton(provider => new Rotators(
            [provider.GetRequiredService<KeyValueRotator>(), provider.GetRequiredService<AccountRotator>()]));
        services.AddSingleton<RotationBoard>();
        services.AddSingleton<RotationMetrics>();
        services.AddSingleton<RotationSteps>();
        services.AddSingleton<Rotations>();
        services.AddSingleton<RotationBook>();
        services.AddSingleton<RotationRuns>();
        services.AddSingleton<RotationScheduler>();
        services.AddSingleton<Rotations>();
        return services;
    }
}
