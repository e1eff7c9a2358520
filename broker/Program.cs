using SidecarAgent.Broker;

return await Commands.RunAsync(args);
