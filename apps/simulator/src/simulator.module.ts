import { Module } from '@nestjs/common';
import { Crowd } from './crowd.ts';
import { Doors } from './doors.ts';
import { SimulatorController } from './simulator.controller.ts';
import { Suppliers } from './suppliers.ts';
import { TruthFile } from './truth-file.ts';

@Module({
  controllers: [SimulatorController],
  providers: [Doors, Crowd, Suppliers, TruthFile],
})
export class SimulatorModule {}
